{{! Everything after the page's own text: who can see it, directory, tabs. }}
{{#if who_text}}<p class="who"><svg class="ic" aria-hidden="true"><use href="#i-eye"/></svg><span>{{who_text}}{{#if who_href}} <a href="{{who_href}}" data-key="w">{{t why}}</a>{{/if}}</span></p>{{/if}}
</main>
{{#if nav}}<nav class="nav" id="nav" aria-label="{{t nav}}"><a href="/"{{#if is_today}} class="on" aria-current="page"{{/if}}><svg class="ic" aria-hidden="true"><use href="#i-day"/></svg>{{t today}}</a>
{{#each nav}}{{#if label}}<h2>{{label}}</h2>{{/if}}
<div class="{{#if is_lines}}lines{{else}}rest{{/if}}">
{{#each links}}<a href="{{href}}"{{#if is_on}} class="on" aria-current="true"{{/if}}>{{#if mark}}<i class="g g{{mark}}" aria-hidden="true"></i>{{/if}}<span>{{label}}</span>{{#if note}}<small>{{note}}</small>{{/if}}</a>{{/each}}
</div>{{/each}}
<div class="rest only-m">{{#if big_href}}<a href="{{big_href}}">{{#if is_big}}{{t big_off}}{{else}}{{t big_on}}{{/if}}</a>{{/if}}
{{#if lang_href}}<a href="{{lang_href}}" lang="{{t other_tag}}">{{t other_lang}}</a>{{/if}}</div>
{{#if is_demo}}<p>{{t demo_note}}</p>{{/if}}</nav>
{{#if as_head}}<div class="as" role="status"><p><b>{{as_head}}</b>{{as_text}}</p><form method="post" action="/viewas/stop">{{>csrf}}<button class="b">{{t view_stop}}</button></form></div>{{else}}{{#if has_bar}}{{else}}<nav class="tabs" aria-label="{{t tabs}}"><a href="/"{{#if is_today}} class="on" aria-current="page"{{/if}}><svg class="ic" aria-hidden="true"><use href="#i-day"/></svg>{{t today}}</a>
{{#if may_new}}<a href="/new"{{#if is_new}} class="on" aria-current="page"{{/if}}><svg class="ic" aria-hidden="true"><use href="#i-pen"/></svg>{{t new}}</a>{{/if}}
{{#if may_search}}<a href="/search"{{#if is_search}} class="on" aria-current="page"{{/if}}><svg class="ic" aria-hidden="true"><use href="#i-find"/></svg>{{t search}}</a>{{/if}}
<a href="#nav"><svg class="ic" aria-hidden="true"><use href="#i-menu"/></svg>{{t nav}}</a></nav>{{/if}}{{/if}}
{{else}}{{#if is_demo}}<footer class="demo">{{t demo_note}}</footer>{{/if}}{{/if}}
</body></html>
