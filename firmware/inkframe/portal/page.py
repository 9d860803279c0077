"""The page: one form, and the two ends it may come to. Plain HTML: it needs no JavaScript and nothing else.

Where there is JavaScript, it reads a pairing code from behind the "#" of the address (that part never
travels), and can show the password.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from inkframe.parts import Network

_STRONG_DBM = -60
_GOOD_DBM = -72

_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Set up this display</title>
<style>
:root{color-scheme:light dark;--ink:#111;--paper:#fff;--soft:#5c5c5c;--line:#c9c9c9;--field:#fff;
--wrong:#a3161d;--wrongly:#fdecec}
@media(prefers-color-scheme:dark){:root{--ink:#f2f2f2;--paper:#161616;--soft:#a8a8a8;
--line:#4a4a4a;--field:#222;--wrong:#ffb3b3;--wrongly:#3d1a1c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:17px/1.45 system-ui,-apple-system,Roboto,sans-serif}
main{max-width:27rem;margin:0 auto;padding:1.75rem 1.25rem 3rem}
h1{font-size:1.65rem;line-height:1.2;margin:0 0 .5rem;letter-spacing:-.01em}
p{margin:0 0 1rem}
.soft,small{color:var(--soft)}
small{display:block;font-size:.875rem;line-height:1.4;margin:.4rem 0 0}
fieldset{border:0;margin:1.75rem 0 0;padding:0;min-width:0}
legend,label.name{display:block;font-weight:600;padding:0;margin:0 0 .5rem}
label.name{margin:1.1rem 0 .4rem}
ul{list-style:none;margin:0;padding:0;border:1px solid var(--line);border-radius:12px;overflow:hidden}
li+li{border-top:1px solid var(--line)}
li label{display:flex;align-items:center;gap:.75rem;min-height:3.1rem;padding:.5rem .9rem;
background:var(--field)}
li input{flex:none;width:1.2rem;height:1.2rem;margin:0;accent-color:var(--ink)}
li b{flex:1;font-weight:400;overflow-wrap:anywhere;min-width:0}
li span{flex:none;color:var(--soft);font-size:.875rem}
input.text,textarea{width:100%;font:inherit;color:inherit;background:var(--field);
border:1px solid var(--line);border-radius:12px;padding:.7rem .9rem;min-height:3.1rem}
textarea{font:.95rem/1.4 ui-monospace,Menlo,monospace;resize:vertical;display:block}
:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
code{font:.9em ui-monospace,Menlo,monospace;overflow-wrap:anywhere}
details{margin:1.1rem 0 0}
summary{min-height:2.75rem;display:flex;align-items:center;color:var(--soft);text-decoration:underline;
text-underline-offset:3px;cursor:pointer}
button{width:100%;min-height:3.4rem;border:0;border-radius:12px;background:var(--ink);color:var(--paper);
font:600 1.06rem system-ui,-apple-system,Roboto,sans-serif;margin:1.75rem 0 0}
button.again{width:auto;min-height:2.75rem;margin:.35rem 0 0;padding:0 .1rem;background:none;
color:var(--soft);font-weight:400;font-size:.95rem;text-decoration:underline;text-underline-offset:3px}
.wrong{background:var(--wrongly);color:var(--wrong);border-radius:12px;padding:.8rem 1rem;margin:1.25rem 0 0;
font-weight:600}
.show{display:flex;align-items:center;gap:.6rem;min-height:2.75rem;color:var(--soft);font-size:.95rem}
.show[hidden]{display:none}
.show input{width:1.15rem;height:1.15rem;margin:0;accent-color:var(--ink)}
</style>
<main>
"""
_SCRIPT = """<script>
function $(id){return document.getElementById(id)}
var c=$('code'),p=$('password'),s=$('show'),h=location.hash;
if(h.length>1&&!c.value){c.value=h.slice(1);history.replaceState(null,'',location.pathname)}
s.parentNode.hidden=false;s.onchange=function(){p.type=s.checked?'text':'password'}
</script>
"""


def escape(text: str) -> str:
    """For text and for values in double quotes."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return text.replace(">", "&gt;").replace('"', "&quot;")


def form_page(
    networks: "Sequence[Network]", given: "Mapping[str, str]", trouble: str
) -> "Iterator[str]":
    """The form, in pieces. `given` is what was typed before; `trouble` a sentence, or empty."""
    yield _HEAD
    yield '<h1>Set up this display</h1>\n<p class="soft">It needs your Wi-Fi and a pairing code. '
    yield "What you type goes to the display and nowhere else.</p>\n"
    if trouble:
        yield '<p class="wrong" role="alert">' + escape(trouble) + "</p>\n"
    # The first button is the one that a keyboard's Enter presses.
    yield '<form method="post" action="/" autocomplete="off">\n<button hidden></button>\n'
    for piece in _wifi_fields(networks, given):
        yield piece
    for piece in _code_fields(given):
        yield piece
    yield '<button id="connect">Connect</button>\n'
    yield "<small>This takes up to half a minute. Stay near the display.</small>\n</form>\n</main>\n"
    yield _SCRIPT


def _wifi_fields(networks: "Sequence[Network]", given: "Mapping[str, str]") -> "Iterator[str]":
    chosen = given.get("network", "")
    yield "<fieldset><legend>1. Your Wi-Fi</legend>\n"
    if networks:
        yield "<ul>\n"
    else:
        yield '<p class="soft">The display sees no network. Move it closer to your router, then look '
        yield "again.</p>\n"
    for name, dbm, takes_password in networks:
        yield (
            '<li><label><input type="radio" name="network" value="%s"%s><b>%s</b><span>%s</span></label>\n'
            % (
                escape(name),
                " checked" if name == chosen else "",
                escape(name),
                _strength(dbm) + ("" if takes_password else ", open"),
            )
        )
    if networks:
        yield "</ul>\n"
    # Not validated by the browser: another network's name is needed to look again as little as a code.
    yield '<button class="again" formaction="/look" formnovalidate>Look again</button>\n'
    yield '<label class="name" for="password">Password of the network</label>\n'
    yield (
        '<input class="text" type="password" id="password" name="password" maxlength="64" value="%s"'
        % escape(given.get("password", ""))
    )
    yield ' autocapitalize="none" autocorrect="off" spellcheck="false">\n'
    yield '<label class="show" hidden><input type="checkbox" id="show">Show the password</label>\n'
    other = given.get("other", "")
    yield "<details%s><summary>My network is not in the list</summary>\n" % (
        " open" if other else ""
    )
    yield '<label class="name" for="other">Name of the network</label>\n'
    yield '<input class="text" id="other" name="other" maxlength="32" value="%s"' % escape(other)
    yield ' autocapitalize="none" autocorrect="off" spellcheck="false"></details>\n</fieldset>\n'


def _code_fields(given: "Mapping[str, str]") -> "Iterator[str]":
    yield '<fieldset><legend><label for="code">2. The pairing code</label></legend>\n'
    yield '<textarea id="code" name="code" rows="5" required autocapitalize="none" autocorrect="off"'
    yield ' spellcheck="false">' + escape(given.get("code", "")) + "</textarea>\n"
    yield "<small>On the computer that draws your calendar, "
    yield "<code>host provision --portal --display NAME</code> prints it. Scan or copy all of it.</small>\n"
    server = given.get("server", "")
    yield "<details%s><summary>Use another server address</summary>\n" % (" open" if server else "")
    yield '<label class="name" for="server">Address of the server</label>\n'
    yield '<input class="text" id="server" name="server" inputmode="url" maxlength="200" value="'
    yield escape(server) + '" placeholder="http://192.168.1.10:8080"'
    yield ' autocapitalize="none" autocorrect="off" spellcheck="false">\n'
    yield "<small>Only when it is not the one in the code.</small></details>\n</fieldset>\n"


def done_page(display: str, network: str) -> "Iterator[str]":
    yield _HEAD
    yield (
        "<h1>Done</h1>\n<p>The display has joined <b>" + escape(network) + "</b> and will show <b>"
    )
    yield escape(display) + "</b> in about a minute.</p>\n"
    yield '<p class="soft">Its own network goes away now, so your phone returns to your Wi-Fi. '
    yield "You can close this page.</p>\n</main>\n"


def _strength(dbm: int) -> str:
    if dbm >= _STRONG_DBM:
        return "strong"
    return "good" if dbm >= _GOOD_DBM else "weak"
