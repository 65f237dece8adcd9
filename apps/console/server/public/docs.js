import { offerUsers } from './local-users.js';

// swagger-ui-bundle.js, loaded before this, defines the function.
const docs = window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  showExtensions: true, // such as x-personal-data
  onComplete: () =>
    offerUsers(document.getElementById('user'), 'demo', (token) => docs.preauthorizeApiKey('bearer', token)),
});
