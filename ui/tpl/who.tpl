{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1>{{#if back_href}}<span class="acts"><a class="b" href="{{back_href}}">{{t back_to_record}}</a></span>{{/if}}</div>
<section class="box go"><p>{{reason}}</p></section>
<section class="sec"><h2>{{t by_post}} <small>{{seer_text}}</small></h2><div class="tw"><table class="cards"><caption class="vh">{{title}}</caption><thead><tr><th scope="col">{{t post}}</th><th scope="col">{{t holder}}</th><th scope="col">{{t dates}}</th><th scope="col">{{t sees}}</th><th scope="col">{{t rule}}</th></tr></thead><tbody>
{{#each seers}}<tr{{#if is_me}} class="me"{{/if}}><td class="t">{{post}}</td><td data-l="{{t holder}}">{{#if person}}{{person}}{{#if is_me}} <span class="mut">{{t you}}</span>{{/if}}{{else}}<b>{{t seat_empty}}</b>{{/if}}</td><td class="nw{{#if dates}}{{else}} nil{{/if}}" data-l="{{t dates}}">{{#if dates}}{{dates}}{{else}}—{{/if}}</td><td class="w" data-l="{{t sees}}">{{sees}}</td><td data-l="{{t rule}}">{{rule}}</td></tr>{{/each}}
</tbody></table></div><p class="hint">{{t who_note}}</p></section>
{{>foot}}
