{{#if shown}} data-shown="{{shown}}"{{/if}}{{#if need}} data-need="{{need}}"{{/if}}
