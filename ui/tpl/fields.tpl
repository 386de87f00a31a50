{{#each fields}}
{{>remarks}}
{{#if is_photo}}{{>f_photo}}{{else}}{{#if is_file}}{{>f_file}}{{else}}{{#if is_remark}}{{>f_remark}}{{else}}{{#if is_rows}}{{>f_rows}}{{else}}{{#if is_attend}}{{>f_attend}}{{else}}{{#if is_pairs}}{{>f_pairs}}{{else}}{{#if is_links}}{{>f_links}}{{else}}{{#if is_ticks}}
<div class="f{{#if error}} bad{{/if}}" id="f-{{name}}" role="group" aria-labelledby="l-{{name}}" tabindex="-1"{{>f_when}}>{{>f_lab}}<input type="hidden" name="{{name}}" value=""><div class="ticks">{{>f_boxes}}</div></div>
{{else}}
<div class="f{{#if error}} bad{{/if}}"{{#if is_radio}} id="f-{{name}}" role="group" aria-labelledby="l-{{name}}" tabindex="-1"{{/if}}{{>f_when}}>
{{#if is_radio}}{{>f_lab}}<div class="ticks">{{>f_ticks}}</div>{{else}}{{>f_label}}{{/if}}
{{>f_input}}
</div>{{/if}}{{/if}}{{/if}}{{/if}}{{/if}}{{/if}}{{/if}}{{/if}}{{/each}}
