{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1><p>{{period_text}}</p></div>
{{>figpick}}
{{#each figgroups}}<section class="sec"><h2>{{#if mark}}<i class="g g{{mark}}">{{line_name}}</i>{{/if}}{{label}}</h2>{{>figs}}</section>{{/each}}
{{#if empty_text}}<p class="free">{{empty_text}}</p>{{/if}}
<p class="hint">{{t fig_note}}</p>
{{>foot}}
