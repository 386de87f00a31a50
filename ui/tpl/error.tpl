{{>head}}<main id="main" class="narrow"><section class="oops"><p class="kind">{{#if kind_text}}{{kind_text}}{{else}}{{status}}{{/if}}</p><h1>{{title}}</h1>{{#if text}}<p>{{text}}</p>{{/if}}{{#if safe_text}}<p>{{safe_text}}</p>{{/if}}{{#if todo}}<p>{{todo}}</p>{{/if}}
{{#each typed}}<div class="f"><label>{{label}}<textarea rows="6" readonly>{{text}}</textarea></label></div>{{/each}}
<div class="acts">{{#if action}}<form method="post" action="{{action}}">{{>csrf}}{{>hiddens}}<button class="b{{#if signs_in}}{{else}} p{{/if}}">{{t again}}</button></form>{{/if}}{{#each links}}<a class="b{{#if is_main}} p{{/if}}" href="{{href}}"{{#if signs_in}} target="_blank"{{/if}}>{{label}}</a>{{/each}}</div>
{{#if ref}}<p class="mut">{{t by_phone}} <b class="ref">{{ref}}</b></p>{{/if}}</section>
{{>foot}}
