{{>head}}<main id="main"><form role="search" action="/search" class="f seek"><h1><label for="f-q">{{title}}</label></h1><span class="join"><input id="f-q" name="q" value="{{q}}" type="search" maxlength="64" autocomplete="off" required{{#if q}}{{else}} autofocus{{/if}}><button class="b p">{{t seek}}</button></span></form>
{{>problem}}
{{#if count_text}}<p class="sm">{{count_text}}</p>{{/if}}{{#if empty_text}}<p class="free">{{empty_text}}</p>{{/if}}
{{#each groups}}<section class="sec"><h2>{{label}} <small>{{count_text}}</small></h2><ol class="rows">
{{#each hits}}<li><a class="r" href="{{href}}">{{#if mark}}<i class="g g{{mark}}">{{line_name}}</i>{{else}}<i></i>{{/if}}<b>{{#each titles}}{{#if is_marked}}<mark>{{text}}</mark>{{else}}<span>{{text}}</span>{{/if}}{{/each}}</b><span class="m">{{#if state}}{{>state}}{{/if}}{{#each notes}}<span>{{text}}</span>{{/each}}{{#if passages}}<span>{{#each passages}}{{#if is_marked}}<mark>{{text}}</mark>{{else}}<span>{{text}}</span>{{/if}}{{/each}}</span>{{/if}}</span></a></li>{{/each}}
</ol>{{#if all_href}}<p class="all"><a href="{{all_href}}">{{all_text}}</a></p>{{/if}}</section>{{/each}}
<p class="hint">{{t seek_note}}</p>
{{>foot}}
