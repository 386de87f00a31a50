{{>head}}<main id="main">{{>crumbs}}<div class="ph"><h1>{{title}}</h1></div>
{{#if read_action}}<form method="post" action="{{read_action}}">{{>csrf}}<input type="hidden" name="upto" value="{{upto_text}}"><p class="acts"><button class="b">{{t mark_all_read}}</button></p></form>{{/if}}
{{#if is_none}}<p class="free">{{t no_notices}}</p>{{/if}}
{{#each days}}<section class="sec"><h2>{{label}}</h2><p class="mut">{{digest}}</p><ol class="rows told">{{#each tellings}}<li>{{>told}}</li>{{/each}}</ol></section>{{/each}}
{{#if more_href}}<p class="all"><a href="{{more_href}}">{{t older}}</a></p>{{/if}}
{{>foot}}
