<section class="sec"><h2>{{label}}{{#if count_text}} <small>{{count_text}}</small>{{/if}}</h2><ol class="rows">
{{#each entries}}<li><a class="r" href="{{href}}">{{#if mark}}<i class="g g{{mark}}">{{line_name}}</i>{{else}}<i></i>{{/if}}<b>{{title}}</b><span class="m">{{#if state}}{{>state}}{{/if}}{{#if due_text}}<span class="due">{{due_text}}</span>{{/if}}{{#each notes}}<span>{{text}}</span>{{/each}}</span></a></li>{{/each}}
</ol>{{#if all_href}}<p class="all"><a href="{{all_href}}">{{all_text}}</a></p>{{/if}}</section>
