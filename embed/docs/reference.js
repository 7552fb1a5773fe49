// Draws the API reference from the appliance's own description. Nothing is asked of
// any other host: the validator that Swagger UI would call is switched off.
window.addEventListener('load', () => {
  SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#reference',
    validatorUrl: null,
    deepLinking: true,
    docExpansion: 'none',
    filter: true,
    persistAuthorization: false,
    queryConfigEnabled: false,
    syntaxHighlight: { activated: false },
  });
});
