{{#if is_required}} required{{/if}}{{#if error}} aria-invalid="true" aria-describedby="e-{{name}}"{{else}}{{#if hint}} aria-describedby="h-{{name}}"{{/if}}{{/if}}{{#if is_focus}} autofocus{{/if}}
