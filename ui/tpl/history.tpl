{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1>{{#if back_href}}<span class="acts"><a class="b" href="{{back_href}}">{{t back_to_record}}</a></span>{{/if}}</div>
{{#if chain_bad}}<section class="box late"><p><span class="st late"><svg class="si" aria-hidden="true"><use href="#s-late"/></svg>{{t chain_bad}}</span> {{chain_bad}}</p></section>{{/if}}
{{#if chain_ok}}<section class="box"><p><span class="st done"><svg class="si" aria-hidden="true"><use href="#s-done"/></svg>{{t chain_ok}}</span> {{chain_ok}}</p></section>{{/if}}
<section class="sec side"><h2>{{t changes}} <small>{{t changes_n step_n}}</small></h2>{{>steps}}</section>
{{>foot}}
