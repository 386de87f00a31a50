{{#if crumbs}}<nav class="crumb" aria-label="{{t where}}">{{#each crumbs}}{{#if href}}<a href="{{href}}">{{label}}</a>{{else}}<span>{{label}}</span>{{/if}}{{/each}}</nav>{{/if}}
{{#if said}}<p class="said" role="status"><svg class="si" aria-hidden="true"><use href="#s-done"/></svg>{{said}}</p>{{/if}}
