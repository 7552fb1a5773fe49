import { mount } from 'svelte';
import '$/design/tokens.css';
import '$/design/base.css';
import { look, wear } from '$/design/look.svelte';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) {
  const start = () => mount(App, { target });
  // A language other than English is fetched first, so that no page changes its words.
  if (look.language === 'en') start();
  else wear({}).finally(start);
}
