<div class="score" aria-hidden="true"><ol><li>{{t line1}}</li><li>{{t line2}}</li><li>{{t line3}}</li><li>{{t line4}}</li><li>{{t line5}}</li></ol><svg>
<line x2="100%" y1="20" y2="20"/><line x2="100%" y1="38" y2="38"/><line x2="100%" y1="56" y2="56"/><line x2="100%" y1="74" y2="74"/><line x2="100%" y1="92" y2="92"/>
<line x1="33.3%" x2="33.3%" y1="20" y2="92"/><line x1="66.6%" x2="66.6%" y1="20" y2="92"/>
<svg x="7%" y="74"><use href="#n-up"/></svg><svg x="16%" y="56"><use href="#n-up"/></svg><svg x="25%" y="38"><use href="#n-dn"/></svg><svg x="41%" y="56"><use href="#n-up"/></svg><svg x="49%" y="92"><use href="#n-up"/></svg><svg x="58%" y="74"><use href="#n-up"/></svg><svg x="74%" y="38"><use href="#n-dn"/></svg><svg x="82%" y="20"><use href="#n-dn"/></svg><svg x="90%" y="56"><use href="#n-up"/></svg>
<defs><g id="n-up"><ellipse class="k" rx="7.5" ry="5.6" transform="rotate(-22)"/><path class="sa" d="M6.7-2v-34"/></g><g id="n-dn"><ellipse class="k" rx="7.5" ry="5.6" transform="rotate(-22)"/><path class="sa" d="M-6.7 2v34"/></g></defs>
</svg></div>
