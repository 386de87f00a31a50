{{#with state}}<span class="st {{look}}">{{#if look}}<svg class="si" aria-hidden="true"><use href="#s-{{look}}"/></svg>{{/if}}{{label}}</span>{{/with}}
