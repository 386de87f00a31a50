{{! The symbols; a page gets those it uses. 20 px with a 1.7 px stroke; s-*: 16 px, states. }}
<symbol id="i-day" viewBox="0 0 20 20"><path d="M3.5 4.5h13v12h-13zM3.5 8.5h13M7 2.5v4M13 2.5v4"/></symbol>
<symbol id="i-bell" viewBox="0 0 20 20"><path d="M4.5 14.5h11c-1.200-1.300-1.500-2.600-1.500-5.500a4 4 0 0 0-8 0c0 2.900-.3 4.200-1.500 5.500zM8.300 17.200a2 2 0 0 0 3.400 0"/></symbol>
<symbol id="i-pen" viewBox="0 0 20 20"><path d="m3.5 16.5 1-4 9-9 3 3-9 9zM11.5 5.500l3 3"/></symbol>
<symbol id="i-menu" viewBox="0 0 20 20"><path d="M3 4h14M3 7h14M3 10h14M3 13h14M3 16h14"/></symbol>
<symbol id="i-find" viewBox="0 0 20 20"><circle cx="8.5" cy="8.5" r="5"/><path d="m12.500 12.500 4.500 4.500"/></symbol>
<symbol id="i-eye" viewBox="0 0 20 20"><path d="M2 10q3.2-5 8-5t8 5q-3.2 5-8 5t-8-5z"/><circle cx="10" cy="10" r="2.4"/></symbol>
<symbol id="i-plus" viewBox="0 0 20 20"><path d="M10 4v12M4 10h12"/></symbol>
<symbol id="i-down" viewBox="0 0 20 20"><path d="M10 3v9M6 8.500l4 4 4-4M4 16.500h12"/></symbol>
<symbol id="i-print" viewBox="0 0 20 20"><path d="M6 7V3h8v4M6 14H3V7.500h14V14h-3M6 11.500h8V17H6z"/></symbol>
<symbol id="i-key" viewBox="0 0 20 20"><circle cx="7" cy="13" r="3.5"/><path d="M9.5 10.5 16.5 3.500M13 7l2.5 2.5"/></symbol>
<symbol id="i-sift" viewBox="0 0 20 20"><path d="M3 5h14M6 10h8M8.5 15h3"/></symbol>
<symbol id="s-late" viewBox="0 0 16 16"><path fill="currentColor" d="M8 1.5 15.3 14.500H.7z"/><path class="sw" stroke-width="1.6" d="M8 6v4M8 11.500v1.4"/></symbol>
<symbol id="s-soon" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2"/><path d="M8 4.500V8l2.5 1.8"/></symbol>
<symbol id="s-back" viewBox="0 0 16 16"><path d="M6 3 2.5 6.5 6 10M3 6.500h7a3.5 3.5 0 0 1 0 7H6"/></symbol>
<symbol id="s-go" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6.2"/><path d="M8 1.800a6.2 6.2 0 0 1 0 12.400z" fill="currentColor"/></symbol>
<symbol id="s-done" viewBox="0 0 16 16"><path stroke-width="2" d="m2.5 8.5 3.8 4L13.5 3.8"/></symbol>
<symbol id="s-wait" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.8"/></symbol>
<symbol id="s-draft" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.8" stroke-dasharray="2.6 2"/></symbol>
<symbol id="s-no" viewBox="0 0 16 16"><path d="m3.5 3.5 9 9m0-9-9 9"/></symbol>
