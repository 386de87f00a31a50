{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1>{{#if like_href}}<p class="acts"><a class="b t" href="{{like_href}}">{{t like_last}}</a></p>{{/if}}</div>
<form class="form" method="post" action="{{action}}"{{#if is_multipart}} enctype="multipart/form-data"{{/if}}{{#if draft_key}} data-draft="{{draft_key}}"{{/if}}{{#if is_returned}} data-returned="1"{{/if}} novalidate>{{>enter}}{{>errors}}{{#if intro}}<p class="lead">{{intro}}</p>{{/if}}
{{>csrf}}{{#if id}}<input type="hidden" name="id" value="{{id}}">{{/if}}{{#if version}}<input type="hidden" name="version" value="{{version}}">{{/if}}{{>hiddens}}
{{>known}}{{>remarks}}
{{#if posts}}<div class="f"><label for="f-as">{{t as_post}}</label><select id="f-as" name="as">{{#each posts}}<option value="{{value}}"{{#if is_on}} selected{{/if}}>{{label}}</option>{{/each}}</select></div>{{/if}}
{{>fields}}{{#if draft_key}}<p class="hint kept" role="status" hidden></p>{{/if}}
<div class="bar acts">{{#if cancel_href}}<a class="b t" href="{{cancel_href}}" data-esc="1">{{#if draft_key}}{{t cancel}}{{else}}{{t act_cancel}}{{/if}}</a>{{/if}}{{>buttons}}</div></form>
{{>foot}}
