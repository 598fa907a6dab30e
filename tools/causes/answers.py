"""What every browser is asked to do, and what it is seen to say."""

import json


class Seen:
    """What the script was told, the browser's name for the cause (if any), and the lines on its console."""

    def __init__(self, told, name, lines):
        self.told, self.name, self.lines = told, name, lines

    def __repr__(self):
        return f"{self.name} ({self.told}) {self.lines}"


def script(url, init):
    call = f"fetch({json.dumps(url)}, {json.dumps(init)})"
    return call + ".then(() => 'fetched', error => String(error))"
