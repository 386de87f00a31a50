{{#if facts}}<dl class="facts">{{#each facts}}<dt>{{label}}</dt><dd>{{#if state}}{{>state}} {{/if}}{{#if href}}<a href="{{href}}">{{text}}</a>{{else}}{{text}}{{/if}}</dd>{{/each}}</dl>{{/if}}
