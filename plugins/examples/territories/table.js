// Who looks after which country. A plugin may bring a table of its own; it is part of the file that is approved.
export const TERRITORIES = {
  DACH: ["AT", "CH", "DE", "LI"],
  Nordics: ["DK", "FI", "IS", "NO", "SE"],
  Benelux: ["BE", "LU", "NL"],
  "UK and Ireland": ["GB", "IE"],
  Iberia: ["ES", "PT"],
  "North America": ["CA", "US"],
};
