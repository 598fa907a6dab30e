// The request with which CORS is mostly met: the cookie goes along only if the script asks for it, and the answer is
// readable only if the server allows that to this origin by name. What is asked stands behind the # of the page's address:
//
//     crossing run --url 'https://app.example.com/#https://api.example.com/hello' examples/xhr-with-credentials.js

var url = location.hash.slice(1);

function ask(withCredentials, next) {
  var xhr = new XMLHttpRequest();
  xhr.open('GET', url);
  xhr.withCredentials = withCredentials;
  xhr.onload = function () {
    console.log('withCredentials = ' + withCredentials + ': ' + xhr.status + ' ' + xhr.responseText);
  };
  xhr.onerror = function () {
    console.log('withCredentials = ' + withCredentials + ': an error, and no more than that is said');
  };
  xhr.onloadend = next;
  xhr.send();
}

ask(false, function () {
  ask(true, function () {});
});
