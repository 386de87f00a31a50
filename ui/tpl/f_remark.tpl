<div class="f" id="f-{{name}}.at" role="group" aria-labelledby="l-{{name}}" tabindex="-1"><span class="lab" id="l-{{name}}">{{t remark_at}}</span>
{{#if so_far}}<div class="box back"><h2>{{t remark_so_far}}</h2><p class="pre">{{so_far}}</p><input type="hidden" name="{{name}}.so_far" value="{{so_far}}"></div>{{/if}}
{{#each sentences}}<label class="tick"><input type="radio" name="{{name}}.at" value="{{value}}"{{#if is_on}} checked{{/if}}><span class="sent">{{label}}</span></label>{{/each}}
<label class="tick"><input type="radio" name="{{name}}.at" value="all"{{#if is_whole}} checked{{/if}}><span>{{t remark_whole}}</span></label></div>
<div class="f{{#if error}} bad{{/if}}">{{>f_label}}<textarea id="f-{{name}}" name="{{name}}" rows="4"{{>f_attrs}}>{{value}}</textarea>
<p class="acts"><button class="b t" name="do" value="add" formnovalidate><svg class="ic" aria-hidden="true"><use href="#i-plus"/></svg>{{t remark_more}}</button></p></div>
