/** The tests take the browser of the machine, or that of @sparticuz/chromium: see src/gpu/node/chrome.ts. */
module.exports = { skipDownload: true };
