{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1>{{#if intro}}<p>{{intro}}</p>{{/if}}</div>
<form class="form" method="post" action="{{action}}" novalidate><button class="vh" name="do" value="{{do_text}}" tabindex="-1" aria-hidden="true"></button>{{>csrf}}{{>hiddens}}
<div class="f" role="group" aria-label="{{title}}">{{#each options}}<label class="tick"><input type="radio" name="{{name}}.pick" value="{{value}}"><span><b>{{label}}</b>{{#if note}}<br><small class="mut">{{note}}</small>{{/if}}</span></label>{{/each}}
<label class="tick"><input type="radio" name="{{name}}.pick" value="-"><span><b>{{#if options}}{{t pick_none}}{{else}}{{t pick_leave}}{{/if}}</b><br><small class="mut">{{t pick_none_note}}</small></span></label></div>
<div class="f"><label for="again">{{t pick_again}}</label><span class="join"><input id="again" name="{{name}}.find" value="{{value}}" placeholder="{{t ref_ask}}" autocomplete="off"><button class="b" name="do" value="find:{{do_text}}">{{t pick_find}}</button></span></div>
<div class="bar acts">{{#if cancel_href}}<a class="b t" href="{{cancel_href}}" data-esc="1">{{t cancel}}</a>{{/if}}<button class="b p" name="do" value="{{do_text}}" data-main="1">{{t pick_this}}</button></div></form>
{{>foot}}
