{{>head}}<main id="main" class="rec">{{>crumbs}}<div class="ph"><h1>{{title}}</h1>{{#if state}}{{>state}}{{/if}}{{#if acts}}<div class="acts fix">{{>acts}}</div>{{/if}}</div>
<div class="cols two"><div>{{>remarks}}
{{#each parts}}<section class="part{{#if items}} wide{{/if}}"><h2>{{label}}{{#if count_text}} <small>{{count_text}}</small>{{/if}}</h2>
{{#if is_note}}<div class="text">{{#each passages}}{{#if is_marked}}<q>{{text}}</q>{{else}}<span>{{text}}</span>{{/if}}{{#if remarks}}<div class="at">{{>remarks}}</div>{{/if}}{{/each}}</div>{{else}}
{{#if photos}}<ul class="photos">{{#each photos}}<li><a href="{{href}}"><img src="{{href}}" alt="{{label}}" loading="lazy"></a></li>{{/each}}</ul>{{else}}
{{#if items}}<div class="tw"><table class="cards"><caption class="vh">{{label}}</caption><thead><tr>{{#each columns}}<th scope="col">{{label}}</th>{{/each}}</tr></thead><tbody>{{#each items}}<tr>{{#each cells}}<td class="{{#if is_title}}t{{/if}}{{#if is_num}} num{{/if}}{{#if is_nil}} nil{{/if}}"{{#if label}} data-l="{{label}}"{{/if}}>{{#if is_nil}}—{{else}}{{#if state}}{{>state}}{{else}}{{#if href}}<a href="{{href}}">{{text}}</a>{{else}}{{text}}{{/if}}{{/if}}{{/if}}</td>{{/each}}</tr>{{/each}}</tbody></table></div>{{else}}
{{#if links}}<ul class="refs">{{#each links}}<li><a href="{{href}}">{{label}}</a>{{#if note}} <small class="mut">{{note}}</small>{{/if}}</li>{{/each}}</ul>{{else}}
{{#if text}}<p class="pre">{{#if href}}<a href="{{href}}">{{text}}</a>{{else}}{{text}}{{/if}}</p>{{else}}<p class="mut">—</p>{{/if}}{{/if}}{{/if}}{{/if}}{{/if}}</section>{{/each}}
{{#each kins}}{{>sections}}{{/each}}</div>
<div><section class="sec"><h2>{{t facts}}</h2>{{>facts}}</section>
<section class="sec"><h2>{{t steps}} <small>{{#if history_href}}<a href="{{history_href}}">{{t steps_all step_n}}</a>{{else}}{{t step_n step_n}}{{/if}}</small></h2>{{>steps}}</section></div></div>
{{>foot}}
