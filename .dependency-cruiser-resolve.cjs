// In package.json, "#libs/…" and "#contracts/…" name compiled files. The rules are about sources.
const { join } = require('node:path');

module.exports = {
  resolve: {
    alias: {
      '#libs': join(__dirname, 'libs'),
      '#tools': join(__dirname, 'tools'),
      '#contracts': join(__dirname, 'libs/contracts'),
    },
    extensionAlias: { '.js': ['.ts', '.tsx', '.js'] },
  },
};
