{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1>{{#if day_note}}<p>{{day_note}}</p>{{/if}}</div>
{{#if is_free}}<p class="free">{{t free}}</p>{{/if}}
<div class="cols two"><div>{{#each sections}}{{>sections}}{{/each}}</div><div>{{#each asides}}{{>sections}}{{/each}}</div></div>
{{>foot}}
