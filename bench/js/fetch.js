// The same with fetch.
let left = COUNT;
const ask = async () => {
  while (left-- > 0) {
    const response = await fetch(TARGET);
    if (await response.text() !== 'Hello, world!') throw new Error('another body');
  }
};
for (let i = 0; i < AT_ONCE; i++) ask();
