/**
 * What a visitor of the demo may pretend: where the sign-in comes from, and on what. A real site has no
 * such page, and reports the address and the user agent that it sees.
 */

/** The choice that pretends nothing. */
export const REAL = 'real';

/** Addresses that are reserved for documentation; the demo's own location data knows all but the last. */
export const PLACES = [
  { address: '192.0.2.10', label: 'Minneapolis' },
  { address: '198.51.100.20', label: 'San Francisco' },
  { address: '203.0.113.30', label: 'London' },
  { address: '203.0.113.200', label: 'London, through Tor' },
  { address: '2001:db8:1::5', label: 'Boston' },
  { address: '2001:db8:2::5', label: 'Sydney' },
  { address: '10.0.0.5', label: 'A private address, which no map knows' },
];

export const BROWSERS = [
  { value: REAL, label: 'This browser', userAgent: undefined },
  {
    value: 'phone',
    label: 'A phone (Safari on iOS)',
    userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1',
  },
  {
    value: 'computer',
    label: 'Another computer (Firefox on Windows)',
    userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0',
  },
];

/** Who asks for the second factor: by default Postern's own pages. */
export const WAYS = [
  { value: 'hosted', label: 'Postern’s hosted pages' },
  { value: 'api', label: 'This site, by the API' },
];

/** @param {{data: {played?: {way?: string}}}} context */
export const asksOnHostedPages = ({ data }) => data.played?.way !== 'api';

/** @param {string} chosen @param {string} seen where the request really comes from */
export const addressOf = (chosen, seen) => (chosen === REAL ? seen : chosen);

/** @param {string} chosen @returns {string | undefined} none: the browser's own */
export const userAgentOf = (chosen) => BROWSERS.find((browser) => browser.value === chosen)?.userAgent;
