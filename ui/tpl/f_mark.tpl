{{label}}{{#if is_required}} <span class="req" aria-hidden="true">*</span>{{/if}}{{#if is_optional}} <span class="opt">{{t optional}}</span>{{/if}}
