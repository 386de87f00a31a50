{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1></div>
{{#if kinds}}<ul class="rows">{{#each kinds}}<li><a class="r" href="{{href}}">{{#if mark}}<i class="g g{{mark}}">{{line_name}}</i>{{else}}<i></i>{{/if}}<b>{{label}}</b>{{#if note}}<span class="m">{{note}}</span>{{/if}}</a></li>{{/each}}</ul>{{else}}<p class="free">{{t new_none}}</p>{{/if}}
{{>foot}}
