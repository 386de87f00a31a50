<div class="f{{#if error}} bad{{/if}}" role="group" aria-labelledby="l-{{name}}"{{>f_when}}>{{>f_lab}}<input type="hidden" name="{{name}}" value="">
{{#if options}}<div class="ticks">{{>f_boxes}}</div>{{/if}}<input id="f-{{name}}" name="{{name}}.add" value="{{value}}" autocomplete="off" aria-labelledby="l-{{name}}"{{#if pick}} data-pick="{{pick}}"{{/if}}></div>
