{{#each remarks}}<section class="box back"><h2><svg class="si" aria-hidden="true"><use href="#s-back"/></svg>{{label}}</h2>
{{#if quote}}<blockquote><q>{{quote}}</q></blockquote>{{/if}}<p class="pre">{{text}}</p>
{{#if by_text}}<p class="by">{{by_text}}{{#if at_text}} <span class="nw">{{at_text}}</span>{{/if}}</p>{{/if}}</section>{{/each}}
