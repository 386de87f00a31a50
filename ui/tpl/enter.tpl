{{#if enter_do}}<button class="vh" name="do" value="{{enter_do}}" tabindex="-1" aria-hidden="true"></button>{{/if}}
