// Asks the same question twice: without cookies, and with them.
for (const withCredentials of [false, true]) {
  var xhr = new XMLHttpRequest();
  xhr.withCredentials = withCredentials;
  xhr.open("GET", "http://127.0.0.1:18002/");
  xhr.onload = (event) => console.log(`withCredentials ${withCredentials}: ${event.target.status} ${event.target.responseText.trim()}`);
  xhr.onerror = () => console.log(`withCredentials ${withCredentials}: an error, and no more than that`);
  xhr.send();
}
