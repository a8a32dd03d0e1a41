# The console's own texts (English). Ids match zh.ftl one to one; what phones show too is in core/model/messages.

## Frame
app-name = Gridpatrol
desks = Desks
desk-today = Today
desk-patrols = Patrols
desk-cases = Cases
desk-conflicts = Conflicts
desk-held = Held
desk-places = Places
desk-people = People
other-language = 中文
log-out = Log out
help-short = Keys
skip-to-main = Skip to content
close = Close
cancel = Cancel
save = Save
edit = Edit
done = Done
before = Previous
after = Next
show-all = Show all
download = Download original
print = Print
file-gpx = The track, for navigation and map programs
file-gpkg = Track, places and marks, for a GIS
file-csv = The places, for a spreadsheet
comma = ,{" "}
list-comma = ,{" "}
named = { $name }: { $value }
yes = Yes
no = No
no-such-page = There is no such page. Choose a desk on the left.
error-hub-unreachable = The hub cannot be reached. What you sent is safe; what you typed is still on this page.
next-retry = Try again
next-reload = See the latest
next-correct = Correct it
next-go-back = Go back

help-title = Keyboard
help-down = Next row
help-up = Previous row
help-open = Open
help-back = Back to the list
help-search = Search
help-act = The action with that number on the page
help-help = This page
help-address = Filters are part of the address: a bookmark or a link is a saved list.

status-away = The hub cannot be reached; the page shows what was there before
status-phones-late =
    { $count ->
        [one] 1 phone has not synced for more than 2 days
       *[other] { $count } phones have not synced for more than 2 days
    }
status-lost-entries =
    { $count ->
        [one] 1 entry was lost on a damaged phone: ask the member to write it again
       *[other] { $count } entries were lost on damaged phones: ask the members to write them again
    }
status-phones-ok = Every phone has synced within 2 days
status-last-sync = Last sync
status-photos-awaited =
    { $count ->
        [one] 1 original on its way
       *[other] { $count } originals on their way
    }
status-durable = Backed up to { $span } ago

## Log-in
login-what = Grid patrols of the town office
login-name = User name
login-password = Password
login-enter = Log in

## Lists and filters
filter-area = Area
filter-area-all = All areas
filter-member = Member
filter-member-all = All members
filter-state = State
filter-state-all = All states
filter-stage-all = All stages
filter-only = Which
filter-only-all = All cases
filter-day = Day
filter-day-all = All days
filter-search = Search
filter-none = Nothing fits
filter-clear = Clear { $name }
filter-open = Choose { $name }
day-before = Day before
day-after = Day after
list-more = { $count } shown, more below
list-all = { $count } in all
cases-only-mine = Waiting for me
cases-only-open = Not closed
cases-only-overdue = Overdue
cases-only-conflict = In conflict
cases-only-held = With held work

## Common words
grid = Grid
member = Member
author = Written by
authors = Written by
reporter = Reported by
role = Role
time = Time
kind = Kind
record = Record
source = Source
areas = Areas
needs = Needs
overdue = Overdue
gaps = Gaps
problems = Problems
problems-count =
    { $count ->
        [one] 1 problem
       *[other] { $count } problems
    }
outside-every-grid = Outside every grid
partly-outside = Partly outside every grid
within-metres = ± { $metres } m
records-in-all = { $count } in all
untimed = No time
receipts = Receipts
hub-receipt-saved = On the phone
hub-receipt-sent = Sent
hub-receipt-accepted = Accepted
hub-receipt-held = Held
hub-receipt-sent-back = Sent back
receipts-accepted = The { $count } accepted
open-held = Decide
open-case = Open the case

## Today
today-calm = Nothing waits for you.
today-waiting =
    { $count ->
        [one] 1 thing waits for you.
       *[other] { $count } things wait for you.
    }
today-conflicts =
    { $count ->
        [one] record in conflict
       *[other] records in conflict
    }
today-held =
    { $count ->
        [one] piece of work held
       *[other] pieces of work held
    }
today-cases =
    { $count ->
        [one] case waits for you
       *[other] cases wait for you
    }
today-places =
    { $count ->
        [one] place overdue
       *[other] places overdue
    }
today-overdue = { $count } of them overdue
today-due = { $count } more due
today-next-cases = Cases that wait for you
today-came-in = Latest patrols
today-none-overdue = No place is overdue.
today-not-seen = Longest overdue places

## Patrols
patrol-start = Start
patrol-end = End
patrol-state-walking = Walking
patrol-state-paused = Paused
patrol-state-ended = Ended
places-seen = Seen / due
seen-slash-due = { $seen } / { $due }
next-day = { $time } next day
patrols-none = No patrol fits. Try another day, or clear the filters.
patrol-no-places = This patrol had no places to look at.
photos = Photos
patrol-no-photos = No photos.
patrol-no-cases = No cases reported.
patrol-map = Map of the patrol
imported = Imported from a file
marks = Marks
not-looked-at = Not looked at
doubts = Doubted positions
doubts-kept = All of them are kept where they are, in the files too; the map greys them.
doubts-count = { $count } fixes
doubts-since = from { $time }
track-simplified = The track has { $fixes } fixes; it is drawn simplified to { $metres } m. The files have all of them.
passed-inside = Track went there ({ $metres } m)
passed-outside = Track stayed away ({ $metres } m)
passed-unsure = Track cannot tell ({ $metres } m, ± { $accuracy } m)
passed-unsure-unknown = Track cannot tell ({ $metres } m, accuracy unknown)
evidence = Evidence
evidence-by-gnss = Position
evidence-by-qr = QR code
evidence-by-nfc = NFC tag
evidence-by-by-hand = By hand
legend = Legend
legend-track = Track
legend-gap = Gap (position unknown)
legend-outside = Outside every grid
legend-case = Case
legend-photo = Photo
look-seen = All normal
look-problem = Problem
look-unreachable = Unreachable
look-due = Not looked at
map-in = Zoom in
map-out = Zoom out
map-all = Show all
map-base = Base map
map-base-off = off
map-none = This browser cannot draw the map. The tables beside it say the same.
time-bar = Time bar
replay = Replay
replay-pause = Pause the replay
track-untimed = The points of this track have no times, so it cannot be replayed.

photo-number = Photo { $number }
photo-of = Photo { $number }, { $of }
photo-title = Photo { $number } / { $count } · { $of }
photo-awaited = The record is here, the picture is on its way
original = Original
photo-code = Verification code
photo-signature = Signature
photo-signature-good = Good, by a phone of this hub
photo-signature-bad = Cannot be checked: confirm by hand
hash-awaited = Not all here yet
hash-intact = As signed
hash-differs = Not as signed, kept apart
megabytes = { $size } MB
same-spot = Same spot last time
same-spot-show = Compare with last time
same-spot-hide = This time only
alike = Looks like a photo of { $when } ({ $of })
alike-untimed = Looks like an earlier photo ({ $of })
alike-earlier = Earlier photo
alike-show = Compare with the similar one
this-time = This time

## Cases
cases-none = No case fits.
found-at = Found
received-at = Received by the hub
written-at = Written
due-estimate = about { $time }
holder-none = Closed, nobody
holder-not-yet = Nobody yet
case-deleted = This case was deleted.
case-conflicts =
    { $count ->
        [one] 1 field is in conflict.
       *[other] { $count } fields are in conflict.
    }
go-settle = Settle
fields = Content
fields-blank = Left empty
timeline = Timeline
steps = What can be done
step-from-to = { $from } → { $to }
step-holder = to { $holder }
choose-holder = Choose a holder
reason-optional = Note (optional)
edit-field = Edit { $field }
values-differ = { $count } values
written = Written.
written-conflict = Written. Somebody changed the same field; both values are kept.
do-reported = Report
do-self-handled = Handled on the spot
do-accepted = Accept
do-declined = Decline
do-merged = Merge
do-filed = File
do-dispatched = Dispatch
do-signed = Sign for it
do-returned = Return
do-handling = Start handling
do-suspended = Suspend
do-extended = Extend
do-handled = Handled
do-checked = Check
do-closed = Close
do-rated = Note the rating
do-revisited = Note the return visit
do-reopened = Reopen
did-create = reported
did-edit = edited
did-settle = settled
did-step = took a step:
did-delete = deleted
did-child = added
did-release = released
did-send-back = sent back
did-unknown = wrote (of a newer version)
verdict-accepted = Accepted
verdict-held = Held
verdict-sent-back = Sent back
value-empty = (empty)
value-shape = Shape
value-unknown = (of a newer version; visible after an upgrade)

## Conflicts
conflicts-note = Two people saw two things; both are kept.
conflicts-none = Nothing is in conflict.
differs-in = Differs in
since = Since
deletion = Deletion
base = Before
base-none = Nothing was written before
left = Left
right = Right
take-left = Use left
take-right = Use right
take-nth = Use { $nth }
take-both = Keep both, write together
choose-first = Choose one first
confirm-choice = Confirm: { $choice }
settle-effect = The decision goes into the timeline; both authors see it.
shown-meanwhile = Shown meanwhile
by-supervisor = By the town office
also-did = Also then
also-added = Added { $kind }: { $title }
settled = Settled. Both authors will see it.
settled-open = Settled. { $count } left on this record.
questions-left = { $count } to settle on this record; this is the first.
conflict-done = Nothing is in conflict on this record.
next-conflict = Next record
deletion-what = One deleted it, another went on writing
went-on = Went on writing
went-on-with = Went on writing: { $field }
deleted-it = Deleted it
no-reason = No reason given
keep-record = Keep the record
keep-deleted = Leave it deleted

## Held
held-note = Everything is kept. Release it, or send it back with a reason.
held-none = Nothing is held.
held-gone = This one has been decided already.
held-what = Content
held-why = Why it is held
held-content = What was written
held-deletes = Deletes the whole record
held-loses = What a release would take from view
held-under = { $count } records under it
held-along =
    { $count ->
        [one] 1 more of this author on this record will be released along, in order.
       *[other] { $count } more of this author on this record will be released along, in order.
    }
held-no-release = It cannot be released now; it can be sent back.
release = Release
released = { $count } released.
released-conflict = { $count } released; some of it is in conflict and waits to be settled.
send-back = Send back
send-back-to = Send back to { $member }
send-back-reason = What should be done?
send-back-common = Common reasons
send-back-place = Please check the position on the spot and write it again.
send-back-photo = Please add a photo from the spot.
send-back-stage = The case has moved on; please look at it again.
send-back-twice = This looks like a record we have; is it the same matter?
send-back-due = To be done by
send-back-no-due = No fixed time
send-back-effect = The words appear on the phone at its next sync.
sent-back = Sent back to { $member }.

## Places
places-none = No place fits.
places-map = Map of places
due-state-seen = Seen
due-state-due = Due
due-state-overdue = Overdue
due-state-unreachable = Unreachable
last-look = Last look
next-look = Next look
never-looked-at = Never

## Coverage
desk-coverage = Coverage
coverage-note = Which land and places were walked past; nothing is counted by person.
coverage-land = Land
coverage-places = Places
coverage-share = { $percent }%
coverage-sum = { $percent }% of the land and { $seen } / { $all } places were walked past.
coverage-how = Within { $metres } m of the track counts; a gap does not.
coverage-awaited = Part of a track is not uploaded yet: it may be more
coverage-none = No grid is drawn in this area.
coverage-missed = Places not walked past
coverage-missed-none = Every place was walked past.
coverage-more = { $count } more; please choose a smaller area.
coverage-map = Map of coverage
from-day = From
to-day = To
pick-day = { $name }: { $day }
cover-seen = Walked past
cover-due = Not walked past
legend-unwalked = Never walked past
legend-walked = On every day with a walk
legend-none = 0% walked past
legend-all = 100% walked past
legend-doubted = Doubted position

## Check a photo
desk-verify = Verify
verify-what = A photo that somebody sent you: is it the original that a member took? The file is only compared, not kept.
verify-drop = Drop a photo here, or
verify-choose = Choose a file
verify-code = Code on the photo (optional)
verify-code-hint = For a screenshot or a print: the twelve characters at the lower left, such as 7KQ2-9XMA-4T0C.
verify-again = Check again with this code
verify-code-alone = No file: look for the code alone
verify-working = Checking…
verify-shown = The file
verify-known = The hub's photo
verify-no-picture = The browser cannot show this file.
verify-open-patrol = Open its patrol

## Check grids
desk-grids = Grids
grids-what = A file of borders, before it goes to phones: does it have faults? The file is only checked, not kept.
grids-drop = Drop a file of borders here, or
grids-choose = Choose a file
grids-chosen = Chosen: { $name }
grids-formats = GeoJSON, GeoPackage, CSV or a ZIP of a Shapefile, at most 32 MB
grids-format-unknown = Such a file cannot be read. Save it as GeoPackage, GeoJSON or CSV in your GIS, or pack a Shapefile as ZIP.
grids-part-alone = A Shapefile is several files. Pack the .shp, .shx, .dbf, .prj and .cpg of one name as ZIP, and choose that.
grids-file-changed = The file was changed after you chose it and was not checked. Choose it again.
grids-crs = Coordinate system of the file
grids-crs-hint = If in doubt, ask whoever drew it: with the wrong one all grids are some hundred metres off.
grids-more = Columns, layer, encoding and label
grids-code-column = Column of the codes
grids-name-column = Column of the names
grids-layer = Layer of the grids
grids-encoding = Encoding (Shapefile)
grids-encoding-said = As the file says
grids-field-hint = Left empty, the usual names are looked for.
grids-ignore-label = The file's label is wrong: read it as chosen above
grids-check = Check
grids-needs-crs = Choose the coordinate system.
grids-working = Checking…
grids-sum =
    { $faults ->
        [one] { $grids } grids read, 1 fault found.
       *[other] { $grids } grids read, { $faults } faults found.
    }
grids-sound = { $grids } grids read, no fault found.
grids-rounding =
    { $count ->
        [one] 1 more sliver is so narrow that it is rounding and no fault.
       *[other] { $count } more slivers are so narrow that they are rounding and no fault.
    }
grids-stopped = So many grids lie on one another that not all were compared: the system may be wrong, or the file has its grids twice. Mend these and check again.
grids-faults = Faults
grids-unlisted = { $count } more are not listed. Mend these and check again.
grids-map = Map of the grids and faults
grids-repair = Small faults can be mended here
grids-repair-rings = Tidy borders: close them, turn them, drop needless corners
grids-repair-snap = Snap neighbouring borders: close slivers and narrow overlaps
grids-snap-metres = How far a corner may move, in metres
grids-snap-hint = More than 0, at most { $metres } m: what is wider is no drawing error.
grids-repair-do = Mend and check again
grids-repair-hint = Your file stays as it is; each change is listed.
grids-sum-left =
    { $faults ->
        [one] { $mended } grids mended, 1 fault left.
       *[other] { $mended } grids mended, { $faults } faults left.
    }
grids-sound-now = { $mended } grids mended, no fault left.
grids-download = Download the mended file
grids-download-what = GeoJSON in WGS-84, with code, name and village only.
grids-downloaded = { $name } was downloaded
grids-mended = Grids that were mended
grids-closed =
    { $count ->
        [one] 1 border closed
       *[other] { $count } borders closed
    }
grids-turned =
    { $count ->
        [one] 1 border turned
       *[other] { $count } borders turned
    }
grids-removed =
    { $count ->
        [one] 1 corner dropped
       *[other] { $count } corners dropped
    }
grids-added =
    { $count ->
        [one] 1 corner added
       *[other] { $count } corners added
    }
grids-moved =
    { $count ->
        [one] 1 corner moved (at most { $metres } m)
       *[other] { $count } corners moved (at most { $metres } m)
    }
legend-fault = Fault (number as in the list)
fault-kind-bad-code = Wrong code
fault-kind-duplicate-code = Code used twice
fault-kind-unknown-village = Unknown village
fault-kind-wrong-village = Another village
fault-kind-outside-area = Outside the area
fault-kind-parts = Several parts
fault-kind-hole = Hole
fault-kind-no-area = Encloses nothing
fault-kind-open-ring = Open border
fault-kind-repeated-corner = Repeated corner
fault-kind-self-crossing = Crosses itself
fault-kind-too-many-corners = Too many corners
fault-kind-overlap = Overlap
fault-kind-gap = Gap

## People
people-note = Only the last sync of the phones is shown; nobody's work is counted.
people-none = Nobody yet. Enrol a phone first.
phones = Phones
last-sync = Last sync
not-synced-yet = Not synced yet
no-phone-yet = No phone yet
enrol = Enrol a phone
code-until = Code valid until
enrol-issue = Issue a code
enrol-for = Code for { $member }
enrol-once = Shown once, good for one use. It can be read aloud.
enrol-scan = Scan it with the phone: address, key and code in one
enrol-link = Or send this line to the phone
enrol-known = Known already; this adds one more phone.
enrol-member-hint = Role, village and number, such as 网格员·仲和·03; no personal name.
