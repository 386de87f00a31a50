{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1>{{#if is_tried}}<span class="mut">{{t not_written}}</span>{{/if}}</div>
<p class="lead">{{intro}}</p>
{{#if is_tried}}<section class="sec"><h2>{{move_text}}</h2>{{#if moves}}<div class="tw"><table class="cards"><caption class="vh">{{move_text}}</caption><thead><tr><th scope="col">{{t what_owed}}</th><th scope="col">{{t unit_of}}</th><th scope="col">{{t due_now}}</th><th scope="col">{{t due_then}}</th></tr></thead><tbody>
{{#each moves}}<tr><td class="t">{{title}}</td><td data-l="{{t unit_of}}">{{label}}</td><td data-l="{{t due_now}}">{{from_text}}</td><td data-l="{{t due_then}}">{{to_text}}</td></tr>{{/each}}
</tbody></table></div>{{/if}}<form method="post" action="{{action}}">{{>csrf}}{{>hiddens}}<p class="acts"><button class="b p" name="do" value="apply">{{apply_text}}</button></p></form></section>{{/if}}
<form class="form" method="post" action="{{action}}" novalidate>{{>errors}}{{>csrf}}{{>fields}}
<p class="acts"><button class="b{{#if is_tried}}{{else}} p{{/if}}" name="do" value="try">{{t try}}</button></p></form>
{{>foot}}
