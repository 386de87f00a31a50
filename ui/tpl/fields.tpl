{{#each fields}}
{{>remarks}}
{{#if is_photo}}{{>f_photo}}{{else}}{{#if is_remark}}{{>f_remark}}{{else}}
<div class="f{{#if error}} bad{{/if}}"{{#if is_radio}} id="f-{{name}}" role="group" aria-labelledby="l-{{name}}" tabindex="-1"{{/if}}>
{{#if is_radio}}{{>f_lab}}<div class="ticks">{{>f_ticks}}</div>{{else}}{{>f_label}}{{/if}}
{{#if is_line}}<input id="f-{{name}}" name="{{name}}" value="{{value}}" autocomplete="{{#if auto}}{{auto}}{{else}}off{{/if}}"{{>f_attrs}}>{{/if}}
{{#if is_note}}<textarea id="f-{{name}}" name="{{name}}" rows="{{#if rows}}{{rows}}{{else}}9{{/if}}"{{>f_attrs}}>{{value}}</textarea>{{/if}}
{{#if is_number}}<span class="join"><input id="f-{{name}}" name="{{name}}" value="{{value}}" inputmode="decimal" autocomplete="off"{{>f_attrs}}>{{#if unit}}<span>{{unit}}</span>{{/if}}</span>{{/if}}
{{#if is_date}}<input class="short" type="date" id="f-{{name}}" name="{{name}}" value="{{value}}"{{#if min_text}} min="{{min_text}}"{{/if}}{{#if max_text}} max="{{max_text}}"{{/if}}{{>f_attrs}}>{{/if}}
{{#if is_select}}<select id="f-{{name}}" name="{{name}}"{{>f_attrs}}>{{#each options}}<option value="{{value}}"{{#if is_on}} selected{{/if}}>{{label}}</option>{{/each}}</select>{{/if}}
{{#if is_secret}}<input type="password" id="f-{{name}}" name="{{name}}" autocomplete="{{#if auto}}{{auto}}{{else}}off{{/if}}"{{>f_attrs}}>{{/if}}
{{#if is_plain}}<p class="plain" id="f-{{name}}">{{value}}</p>{{/if}}
</div>{{/if}}{{/if}}{{/each}}
