{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1>{{#if day_note}}<p>{{day_note}}</p>{{/if}}</div>
{{#if is_free}}<p class="free">{{t free}}</p>{{/if}}
<div class="cols two"><div>{{#each owed}}<section class="sec"><h2>{{#if mark}}<i class="g g{{mark}}">{{line_name}}</i> {{/if}}{{label}}{{#if count_text}} <small>{{count_text}}</small>{{/if}}</h2><ol class="rows owe">
{{#each duties}}<li>{{>duty}}</li>{{/each}}
</ol>{{#if many_href}}<p class="acts"><a class="b" href="{{many_href}}">{{many_label}}</a></p>{{/if}}</section>{{/each}}{{#if owed_href}}<p class="all"><a href="{{owed_href}}">{{owed_text}}</a></p>{{/if}}
{{#each sections}}{{>sections}}{{/each}}</div><div>{{#if changes_day}}<section class="sec"><h2>{{t changed}}</h2>{{#each changes_day}}<p class="mut"><b>{{label}}</b> {{digest}}</p><ol class="rows told">{{#each tellings}}<li>{{>told}}</li>{{/each}}</ol>{{/each}}<p class="all"><a href="{{changes_href}}">{{changes_text}}</a></p></section>{{/if}}{{#each asides}}{{>sections}}{{/each}}</div></div>
{{>foot}}
