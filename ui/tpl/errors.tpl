{{! The summary on top of a form; it gets the focus. }}
{{#if error_text}}<section class="box late" id="errors" tabindex="-1" role="alert" autofocus><h2><svg class="si" aria-hidden="true"><use href="#s-late"/></svg>{{error_text}}</h2>
{{#if errors}}<ul>{{#each errors}}<li>{{#if href}}<a href="{{href}}">{{text}}</a>{{else}}{{text}}{{/if}}</li>{{/each}}</ul>{{/if}}</section>{{/if}}
