"""What a stranger may write into a router's fields, and how a page must show it."""

SCRIPT = "<script>window.hostile=1;alert(1)</script>"
IMAGE = '"><img src=x onerror="window.hostile=1">'
ANSI = "\x1b[31mred\x1b[0m"
REVERSED = "\u202etxt.exe\u2066"
QUOTES = "'\"`--{{7*7}}${7*7}&lt;"
FORMULA = '=HYPERLINK("http://evil.example";"x")'

IDENTITIES = (SCRIPT, IMAGE, ANSI, REVERSED, QUOTES, FORMULA)

SHOWN = {
    SCRIPT: SCRIPT,
    IMAGE: IMAGE,
    ANSI: "⟦U+001B⟧[31mred⟦U+001B⟧[0m",
    REVERSED: "⟦U+202E⟧txt.exe⟦U+2066⟧",
    QUOTES: QUOTES,
    FORMULA: FORMULA,
}
