//! `fetch`, bodies, event sources and beacons.

use crate::app::{BEACON, seen};

#[test]
fn an_event_source_hears_its_events_and_a_beacon_arrives() {
    let script = "
        const source = new EventSource('https://api.test/events');
        source.onopen = () => seen.push('open');
        source.addEventListener('news', (event) => seen.push(...event.data.split('\\n'), event.lastEventId, event.origin));
        source.onerror = () => {
            seen.push(source.readyState);
            source.close();
            seen.push(navigator.sendBeacon('https://api.test/beacon', 'sent'));
        };";
    assert_eq!(seen(script), "open two lines 7 https://api.test 0 true");
    assert_eq!(*BEACON.lock().unwrap(), "sent");
}

#[test]
fn fetch_is_readable_where_it_is_shared_and_rejects_elsewhere() {
    let script = "
        (async () => {
            const shared = await fetch('https://api.test/shared');
            seen.push(shared.type, shared.status, await shared.text(), shared.bodyUsed);
            await fetch('https://api.test/bare').catch((error) => seen.push(error.name));
            const opaque = await fetch('https://api.test/bare', { mode: 'no-cors' });
            seen.push(opaque.type, opaque.status, (await opaque.text()).length);
        })()";
    assert_eq!(seen(script), "cors 200 for everybody true TypeError opaque 0 0");
}

#[test]
fn each_kind_of_body_brings_its_type() {
    let script = "
        (async () => {
            const bodies = ['a', new URLSearchParams('b=1'), new Blob(['c'], { type: 'text/x-c' }), new Uint8Array([100])];
            for (const body of bodies) {
                seen.push(await (await fetch('https://api.test/echo', { method: 'POST', body })).text() + ';');
            }
            const form = new FormData();
            form.append('e', 'f');
            const echoed = await (await fetch('https://api.test/echo', { method: 'POST', body: form })).text();
            seen.push(/multipart.form-data; boundary=(\\S+) --\\1/.test(echoed));
        })()";
    assert_eq!(
        seen(script),
        "POST text/plain;charset=UTF-8 a; POST application/x-www-form-urlencoded;charset=UTF-8 b=1; \
         POST text/x-c c; POST - d; true"
    );
}

/// Of `for everybody`, by another program.
const DIGEST: &str = "0MTCoQU7UJzi19gu9H6+O29r9ylAxzDgaIfvPyfvgNw=";

#[test]
fn a_body_is_delivered_only_if_it_has_the_digest_that_the_script_names() {
    let script = "
        (async () => {
            const right = 'sha256-DIGEST';
            for (const [integrity, init] of [[right, {}], ['sha256-AAAA', {}], ['sha256-AAAA ' + right, {}], ['', {}],
                [right, { mode: 'no-cors' }]]) {
                await fetch('https://api.test/shared', { integrity, ...init }).then(
                    async (response) => seen.push((await response.text()).length), (error) => seen.push(error.name));
            }
        })()";
    assert_eq!(seen(&script.replace("DIGEST", DIGEST)), "13 TypeError 13 13 TypeError");
}

#[test]
fn a_stream_goes_out_piece_by_piece_after_a_preflight() {
    let script = "
        (async () => {
            let pulled = 0;
            const stream = new ReadableStream({
                pull(controller) {
                    pulled += 1;
                    if (pulled > 3) controller.close();
                    else controller.enqueue(new TextEncoder().encode('piece ' + pulled + ';'));
                },
            }, { highWaterMark: 0 });
            const response = await fetch('https://api.test/echo', { method: 'POST', body: stream, duplex: 'half' });
            seen.push(await response.text(), pulled);
            const refused = new ReadableStream({ pull() { seen.push('asked for in vain'); } }, { highWaterMark: 0 });
            await fetch('https://api.test/bare', { method: 'POST', body: refused, duplex: 'half' })
                .catch((error) => seen.push(error.name));
            for (const chunk of ['text', null]) {
                const bad = new ReadableStream({ start(c) { c.enqueue(chunk); }, cancel(e) { seen.push('cancelled', e.name); } });
                await fetch('https://api.test/echo', { method: 'POST', body: bad, duplex: 'half' })
                    .catch((error) => seen.push(error.name));
            }
            const broken = new ReadableStream({ pull(c) { c.error(new Error('mine')); } }, { highWaterMark: 0 });
            await fetch('https://api.test/echo', { method: 'POST', body: broken, duplex: 'half' })
                .catch((error) => seen.push(error.name));
        })()";
    assert_eq!(
        seen(script),
        "POST - piece 1;piece 2;piece 3; 4 TypeError cancelled TypeError TypeError cancelled TypeError TypeError TypeError"
    );
}
