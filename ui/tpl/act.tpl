{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1></div>
<form class="form" method="post" action="{{action}}"{{#if is_multipart}} enctype="multipart/form-data"{{/if}}{{#if draft_key}} data-draft="{{draft_key}}"{{/if}}{{#if is_returned}} data-returned="1"{{/if}} novalidate>{{>enter}}{{>errors}}
{{#if act_text}}<section class="box {{look}}"><p><b>{{act_text}}</b></p>{{#if act_note}}<p>{{act_note}}</p>{{/if}}</section>{{/if}}
{{>csrf}}{{#if version}}<input type="hidden" name="version" value="{{version}}">{{/if}}{{>hiddens}}{{>known}}{{>fields}}{{#if draft_key}}<p class="hint kept" role="status" hidden></p>{{/if}}
<div class="bar acts">{{#if cancel_href}}<a class="b" href="{{cancel_href}}" data-esc="1">{{#if cancel_label}}{{cancel_label}}{{else}}{{t act_cancel}}{{/if}}</a>{{/if}}{{>buttons}}</div></form>
{{>foot}}
