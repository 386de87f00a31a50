{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1><p>{{period_text}}</p></div>
{{>figpick}}
{{>figs}}
{{#if chips}}<p class="acts">{{#each chips}}<a class="b" href="{{href}}">{{label}} <span aria-hidden="true">×</span><span class="vh">{{t fig_drop}}</span></a>{{/each}}</p>{{/if}}
{{#if share}}{{#with share}}{{>bars}}{{/with}}{{/if}}
{{#if chart}}{{#with chart}}<div class="cols two fg"><section class="sec"><h2>{{label}}{{#if unit}} <small>{{unit}}</small>{{/if}}</h2>
<svg class="ch" width="100%" height="220" role="img" aria-labelledby="ch-t ch-d"><title id="ch-t">{{label}}</title><desc id="ch-d">{{desc}}</desc>
{{#each grid}}<line x1="0" x2="100%" y1="{{y}}" y2="{{y}}"{{#if is_axis}} class="axis"{{/if}}/>{{#if text}}<text x="0" y="{{y_text}}">{{text}}</text>{{/if}}{{/each}}
{{#if is_share}}<svg width="100%" height="220" viewBox="0 0 100 220" preserveAspectRatio="none"><polyline class="c" points="{{points2}}" vector-effect="non-scaling-stroke"/></svg>{{/if}}
<svg width="100%" height="220" viewBox="0 0 100 220" preserveAspectRatio="none"><polyline class="a" points="{{points}}" vector-effect="non-scaling-stroke"/></svg>
{{#each months}}{{#if y2}}<svg x="{{x}}" y="{{y2}}" overflow="visible"><path d="M-3.5-3.5h7v7h-7z" class="cw"/></svg>{{/if}}<circle cx="{{x}}" cy="{{y}}" r="4" class="pa"/>{{#if axis}}<text x="{{x}}" y="208" text-anchor="middle">{{axis}}</text>{{/if}}{{/each}}</svg></section>
<section class="sec"><table class="mon"><caption class="vh">{{desc}}</caption><thead><tr><th scope="col">{{t fig_month}}</th><th scope="col" class="num">{{col1}}</th>{{#if is_share}}<th scope="col" class="num">{{col2}}</th>{{/if}}</tr></thead><tbody>
{{#each months}}<tr><th scope="row">{{label}}</th><td class="num">{{#if href}}<a href="{{href}}">{{text}}</a>{{else}}{{text}}{{/if}}</td>{{#if y2}}<td class="num">{{text2}}</td>{{/if}}</tr>{{/each}}
</tbody></table></section></div>{{/with}}{{/if}}
{{#if split}}{{#with split}}{{>bars}}{{/with}}{{/if}}
{{#if below}}{{#with below}}{{>bars}}{{/with}}{{/if}}
<section class="sec" id="list"><h2>{{list_label}} <small>{{count_text}}</small></h2>{{#if export_href}}<p class="acts"><a class="b" href="{{export_href}}"><svg class="ic" aria-hidden="true"><use href="#i-down"/></svg>{{t export}}</a></p>{{/if}}
{{#if items}}<div class="tw"><table class="cards"><caption class="vh">{{title}}</caption><thead><tr>{{#each columns}}<th scope="col"{{#if is_num}} class="num"{{/if}}>{{label}}</th>{{/each}}</tr></thead><tbody>
{{#each items}}<tr>{{#each cells}}<td class="{{#if is_title}}t{{/if}}{{#if is_num}} num{{/if}}{{#if is_nowrap}} nw{{/if}}{{#if is_nil}} nil{{/if}}"{{#if label}} data-l="{{label}}"{{/if}}>{{#if is_nil}}—{{else}}{{#if href}}<a href="{{href}}">{{text}}</a>{{else}}{{text}}{{/if}}{{/if}}</td>{{/each}}</tr>{{/each}}
</tbody></table></div>{{/if}}
{{#if empty_text}}<p class="free">{{empty_text}}</p>{{/if}}
<div class="pg"><span>{{count_text}}{{#if total_text}} · {{total_text}}{{/if}}</span>{{#if newest_href}}<a class="b" href="{{newest_href}}">{{t newest}}</a>{{/if}}{{#if older_href}}<a class="b" href="{{older_href}}" rel="next">{{t older}}</a>{{/if}}</div></section>
{{#if how}}<details><summary>{{t fig_how}}</summary><dl class="facts">{{#each how}}<dt>{{label}}</dt><dd>{{text}}</dd>{{/each}}</dl></details>{{/if}}
<p class="hint">{{t fig_note}}</p>
{{>foot}}
