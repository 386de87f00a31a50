{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1></div><ul class="rows set">
{{#if lang_href}}<li><span><b>{{t language}}</b> {{t this_lang}}</span><a class="b" href="{{lang_href}}" lang="{{t other_tag}}">{{t other_lang}}</a></li>{{/if}}
{{#if big_href}}<li><span><b>{{t big_on}}</b> {{#if is_big}}{{t is_on}}{{else}}{{t is_off}}{{/if}}</span><a class="b" href="{{big_href}}">{{#if is_big}}{{t turn_off}}{{else}}{{t turn_on}}{{/if}}</a></li>{{/if}}
{{#if keys_href}}<li><span><b>{{t keys}}</b> {{#if is_keys}}{{t is_on}}{{else}}{{t is_off}}{{/if}}<br><small class="mut">{{t keys_note}}</small></span><a class="b" href="{{keys_href}}">{{#if is_keys}}{{t turn_off}}{{else}}{{t turn_on}}{{/if}}</a></li>{{/if}}</ul>
<section class="sec"><h2>{{me_name}}{{#if account}} <small>{{t account_is account}}</small>{{/if}}</h2>{{#if posts_held}}<dl class="facts">{{#each posts_held}}<dt>{{label}}</dt><dd>{{text}}{{#each links}} <a href="{{href}}">{{label}}</a>{{/each}}{{#each deputies}}<br><span class="st soon"><svg class="si" aria-hidden="true"><use href="#s-soon"/></svg>{{text}}</span>{{/each}}</dd>{{/each}}</dl>{{else}}<p class="mut">{{t no_posts}}</p>{{/if}}
<form method="post" action="{{out_action}}">{{>csrf}}<p class="acts"><button class="b">{{t sign_out}}</button></p></form><p class="hint">{{t sign_out_note}}</p></section>
{{>foot}}
