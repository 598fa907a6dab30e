// Prints what came of the subtests, as one line of JSON.
add_completion_callback((tests, status) => {
  console.log('@wpt ' + JSON.stringify({
    status: status.status,
    message: status.message,
    tests: tests.map(({ name, status, message }) => ({ name, status, message })),
  }));
});
