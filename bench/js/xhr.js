// Requests one after the other, or so many at once, as XMLHttpRequest.
let left = COUNT;
const ask = () => {
  if (left-- <= 0) return;
  const xhr = new XMLHttpRequest();
  xhr.open('GET', TARGET);
  xhr.onload = () => {
    if (xhr.responseText !== 'Hello, world!') throw new Error('another body');
    ask();
  };
  xhr.onerror = () => { throw new Error('no answer'); };
  xhr.send();
};
for (let i = 0; i < AT_ONCE; i++) ask();
