# Texts of the interface (English). The same ids as zh.ftl; phone and console share these files.

## Stages of a case
stage-draft = Draft
stage-reported = Reported
stage-self-handled = Handled on the spot
stage-accepted = Accepted
stage-merged = Merged into another case
stage-declined = Declined
stage-filed = Filed
stage-dispatched = Dispatched
stage-signed = Signed for
stage-returned = Returned
stage-handling = Being handled
stage-suspended = Suspended
stage-extended = Extended
stage-handled = Handled, to be checked
stage-checked = Checked
stage-closed = Closed
stage-rated = Rated
stage-revisited = Revisited
stage-reopened = Reopened

## Kinds of records
kind-patrol = Patrol
kind-inspection = Inspection
kind-place = Place
kind-case = Case
kind-visit = Visit
kind-task = Task
kind-intake = Request
kind-booking = Booking
kind-grid = Grid
kind-photo = Photo
kind-track-chunk = Track
kind-scene = Special period
kind-review = Review
kind-note = Note
kind-mark = Mark

## Results of an inspection
result-normal = All normal
result-problem = Problem found
result-unreachable = Could not get there

## Whether a place is worth going to
due-overdue = Overdue
due-due = Due
due-unreachable = Could not be reached last time
due-seen = Looked at

## How far a record got
receipt-saved = On this phone · not uploaded yet
receipt-sent = Uploaded · waiting for confirmation
receipt-accepted = Uploaded · received
receipt-held = Uploaded · held for the town office
receipt-sent-back = Sent back · please add or correct

## Why it is held (nothing of it is gone)
held-no-rights = You may not take this step. It is kept for the town office to decide.
held-out-of-area = The place is outside your area. It is kept for the town office to decide.
held-bad-transition = The case has moved on, so this step cannot be taken now. It is kept for the town office to decide.
held-unreadable = The office cannot read this record. It is kept as it is for the town office to look at.
held-revoked = This phone has been switched off for work. Its content is kept for the town office to confirm.
held-not-author = Written in another name than the one this phone is enrolled for. Kept for the town office to confirm.
held-after-held = An earlier step is still held, so this one waits with it for the town office. It is kept.
verdict-amendment = Uploaded after the case was accepted: kept as an addition, nothing was replaced

## Why a track has a gap
gap-killed = App closed by the system
gap-permission = Location permission off
gap-no-fix = No position signal
gap-switched-off = Positioning switched off
gap-clock-jump = The phone's clock jumped
gap-paused = Patrol paused
gap-unknown = Cause unknown
gap-awaited = Recorded, not uploaded yet
gap-length = { $cause }, { $minutes } min

## Why a point of a track is doubted. Said as it is, no verdict; the point is kept as it came
doubt-jump = The position jumped further than anybody moves; most often a reflected signal
doubt-frozen = The phone moved while its position stayed the same
doubt-mock = The system says that this position was made up by an app
doubt-drift = The phone stood still; what its position moved by is no distance

## How sure a time is
time-same-boot = Time checked against the office
time-gnss = Time from satellites
time-wall = Time from the phone, not checked
time-clamped = The phone's clock was wrong; estimated from the upload

## Photos
photo-no-preview-heic = No preview for this format (HEIC) yet. The original is kept whole.
photo-no-preview-damaged = The image is damaged, no preview. The file is kept.
photo-no-preview-truncated = The image is incomplete, no preview. The file is kept; copy it again from where it came from.
photo-no-preview-implausible = The size that the image states does not fit its content, no preview. The file is kept.
photo-no-preview-too-large = The image is too large for a preview. The original is kept whole.
photo-no-preview-too-costly = Showing the image would take far more work than its size allows, no preview. The file is kept.
photo-no-preview-unsupported = No preview for this format. The file is kept.
photo-damage-end-missing = The file breaks off. Only what is there is shown; missing rows are striped. The file is kept.
photo-damage-corrupt = The file is damaged. Only what can be read is shown; missing rows are striped, and what is shown may be wrong too. The file is kept.
photo-preview-awaited = The preview is still on the phone
photo-no-position = The photo has no position
photo-no-time = The photo has no time
photo-off-site = Not taken on site

## Why no photo is taken
no-photo-asked = The person asked for no photo
no-photo-minors = It is about minors

## The stamp of a photo, and what a check of one says
stamp-code = Code
stamp-damaged = Image incomplete
stamp-off-site = Not on site
verify-intact = Genuine: the file is the original, bit for bit, and its signature is good.
verify-recompressed = Not the original, but it looks like the same photo ({ $distance } of 64 points differ). As evidence, ask for the original.
verify-code-only = Only the code fits; the picture itself cannot be checked. As evidence, ask for the original.
verify-unknown-signer = A manifest fits, but nobody vouches for the phone that signed it. Not shown to be genuine.
verify-bad-signature = The manifest's signature is wrong; it may have been changed and proves nothing.
verify-unsigned = Bit for bit the original that the hub received, but its phone did not sign it: only that it was not changed since.
verify-looks-like = Not the original. It looks like this photo ({ $distance } of 64 points differ), but its phone did not sign what it looks like. As evidence, ask for the original.
verify-unrelated = No manifest fits this photo; nothing can be proved.

## What changed in a sync
change-sent-back = The town office sent it back; please add or correct
change-held = Held for the town office
change-released = What was held or sent back counts now
change-disputed = Two people wrote different things; please look
change-settled = The difference was settled
change-deleted = Deleted
change-restored = The deletion was taken back
change-arrived = New
change-edited = Updated
change-left = Moved to another area

## The course of a case
timeline-create = Recorded
timeline-edit = Edited
timeline-step = Step
timeline-delete = Deleted
timeline-child = Added

## What went wrong and what to do
error-disk-full = The phone's storage is full. This entry was not saved; earlier records are safe. Free some space and save again.
error-folder-read-only = The storage folder cannot be written. This entry was not saved; earlier records are safe. Check the storage permission.
error-database-moved-aside = The data file was damaged and has been set aside, not deleted. You can go on; let the town office recover the older records.
error-database-in-use = The app is already running. Close the other window first.
error-database-newer = The data was written by a newer version. Update the app first; the records are safe.
error-upgrade-to-edit = This record can be changed after an update. You can still read and upload it.
error-record-too-large = Too long to save. Shorten the text, and add pictures as photos.
error-record-missing = This record is not here; it may have moved to another area. Go back and refresh the list.
error-stage-changed = The case has moved to another stage. Look at it again before you go on.
error-undo-too-late = More than ten seconds have passed. Correct the record instead.
error-patrol-running = Another patrol is not ended. End that one first, or go on with it.
error-patrol-not-running = This patrol has ended. Start a new one to go on.
error-value-unfit = This does not fit the field and was not saved. Correct it and save again.
error-category-unknown = The list has no such category, or it is retired. Choose another.
error-photo-not-for-category = This category takes no photo. The photo was not added; the file is untouched.
error-photo-asked-not = The person asked for no photo, so this record takes none. The file is untouched; describe it in words.
error-photo-of-minors = It is about minors, so this record takes no photo. The file is untouched; describe it in words.
error-conflict-changed = It changed again. Look at it before you decide.
error-area-missing = It is not known which area this belongs to. Start a patrol, or choose an area.
error-app-suspended = The app has just come back and its data is not open yet. Wait a moment and try again.
error-code-wrong = The enrolment code is wrong. Check it and type it again.
error-code-used = The enrolment code has been used. Ask the town office for a new one.
error-code-expired = The enrolment code has expired. Ask the town office for a new one.
error-not-enrolled = This phone is not enrolled. Records are kept on it; ask the town office for a code.
error-sync-cancelled = The upload was stopped. Records are kept on the phone and go on from here next time.
error-hub-full = The hub cannot store more just now. Records are kept on the phone and go up later.
error-phone-refused = The hub does not accept this phone. Records are kept on it; ask the town office.
error-upgrade-to-sync = Update the app to upload. Records are kept on the phone.
error-sync-damaged = The line is bad and what arrived was not whole. Records are kept on the phone; try again elsewhere.
error-hub-away = The office cannot be reached now. Your records are on the phone and go up when there is signal.
error-hub-unknown = This is not the office you enrolled with. Nothing was uploaded. Call the town office.
error-hub-unprotected = The office's address is not protected, so nothing was sent. Enrol by the link that the town office shows.
error-hub-busy = The office is busy. Your records are on the phone and go up in a while.
error-phone-revoked = This phone has been switched off for work. What is on it can still be uploaded; the town office decides.
error-port-in-use = Port { $port } is in use. Choose another, or stop the program that uses it.
error-address-needs-tls = Only this machine may connect. To open it, set up a certificate or run behind a proxy.
error-login-wrong = The name or the password is wrong.
error-login-ended = You have been logged out. Log in again; what you typed is still there.
error-not-allowed = You may not take this step.
error-not-found = Not found, or outside your area.
error-area-unknown = No area has the code { $code }. Check its digits, or update the list of areas.
error-pack-refused = The list of categories was not taken into use; the former one stays: { $why }
error-gpx-unreadable = The track file cannot be read. Nothing was imported; the file is untouched. Export it again.
error-gpx-empty = The track file has no track points. Nothing was imported; the file is untouched.
error-gpx-too-large = The track file is too large. Nothing was imported; the file is untouched. Export it in parts.
error-photo-unreadable = This file is no photo, or damaged. Nothing was imported; the file is untouched.
error-photo-too-large = The photo file is too large. Nothing was imported; the file is untouched.
error-photo-changed = The photo file was changed while it was read and was not added. Wait a moment and add it again.
error-preview-not-wanted = The photo has a preview, or its file is not whole; it needs no other one.
error-pixels-unfit = The image that the system gave does not fit its size, so there is no preview. The original is kept whole.
error-original-elsewhere = The original is not on this phone any more, so no preview can be made.
error-base-map-unreadable = This file is no base map that can be shown. Nothing was added; the file is untouched. Choose another.
error-base-map-damaged = The base map is damaged or was not copied completely. Nothing else is affected. Copy the file again.
error-base-map-system-unsaid = The file does not say whether its map is shifted, as most street maps in China are. Nothing was added; find out where it comes from and add it again.
error-base-map-foreign = The base map is drawn in a way that cannot be laid under the grid. Nothing was added; have it made again for web maps.
error-base-map-missing = This base map is not on the phone any more. Refresh the list.
error-bytes-awaited = The photo's record is here; its bytes are still on the phone. Look again when they have arrived.
error-foreign-origin = The request came from another site and was not carried out.
error-holder-missing = Please choose somebody from the list.
error-label-missing = Please say what the member is called.
error-file-too-large = The file is too large for a photo. Please choose a photo.
error-no-preview = This photo has no preview. The original can be downloaded.
error-reason-missing = Please give a reason of 1 to 500 characters.
error-too-many-walks = Too many walks for one answer. Please choose fewer days.
error-too-many-guesses = Too many attempts. Please wait a minute and try again.
error-unavailable = The hub is not available right now. Everything is safe; try again shortly.
error-unknown-writes = The page does not belong to this record. Nothing was changed; reload and decide again.
error-unreadable = The request could not be read and nothing was changed. Reload the page and try again.
error-unexpected = Something unexpected happened; your records are safe. Try again, and call the town office if it comes back.

## Field labels
field-name = Name
field-place-kind = Kind of place
field-interval-days = Look every (days)
field-position = Position
field-result = Result
field-checklist = Checklist
field-note = Note
field-category = Category
field-description = Description
field-location-text = Where it is
field-stage = Stage
field-holder = With
field-severity = Urgency
field-reporter-note = Note by the reporter
field-photo = Photo
field-taken-at = Taken at
field-device-label = Taken with
field-started = Started
field-ended = Ended
field-grid = Grid
field-due = Due
field-round = Round
field-basis = Basis
field-reason = Reason
field-life = State of the record
field-parent = Belongs to
field-scope = Area
field-synthetic = Demo data
field-pauses = Pauses
field-reviewed = Review
field-place = Place
field-inspected-at = Inspected at
field-found-at = Found at
field-title = Title
field-preview = Preview
field-thumbnail = Thumbnail
field-damage = Damage to the file
field-fingerprint = Features of the image
field-no-preview = Why no preview
field-no-photo = Why no photo
field-library = From the photo library
column-longitude = Longitude (WGS-84)
column-latitude = Latitude (WGS-84)
field-manifest = Photo manifest
field-width = Width of the original
field-height = Height of the original
field-file-name = File name
field-block = Track data
field-segment = Track segment
field-fix-count = Number of fixes
field-from = From
field-to = To
field-gap-before = Why it broke off before
field-ring = Border of the grid
field-grid-code = Grid code
field-households = Households
field-superseded-by = Superseded by the grids

## Kinds of places
place-kind-reservoir = Reservoir
place-kind-rental-house = Rental house
place-kind-fire-hydrant = Fire hydrant
place-kind-watchtower = Watchtower
place-kind-school = School
place-kind-market = Market
place-kind-pond = Fish pond
place-kind-slope = Slope
place-kind-old-tree = Old tree

## Urgency
severity-general = General
severity-pressing = Pressing
severity-urgent = Urgent

## People
role-member = Grid member
role-lead = Grid lead
role-supervisor = Supervising office
role-handler = Handler
role-checker = Checker
role-auditor = Auditor

## Category packs: kinds, nets, deadlines, evidence, ways, outcomes
category-kind-matter = Matter
category-kind-component = Component
net-order = Public order
net-civil = Civil affairs
net-health = Health
net-city = City management
net-emergency = Emergency management
net-culture = Culture and tourism
net-justice = Justice
net-overseas = Overseas Chinese affairs
net-market = Market supervision
deadline-now = Call 110, 119 or 120 first, record afterwards
deadline-urgent = Urgent, 2 hours
deadline-instant = Water, power, gas, heat: 24 hours
deadline-general = General, 7 days
deadline-complex = Complex, 15 days
deadline-petition = Petition: answer in 15 days, finish in 60
deadline-mediation = Mediation, about a month
evidence-photo = Please take a photo
evidence-optional-photo = A photo is possible
evidence-no-photo = Usually no photo
evidence-never-photo = No photo
way-political = Political guidance
way-legal = Rule of law
way-moral = Moral example
way-self-rule = Self-government
way-smart = Smart tools
outcome-stability = Stability
outcome-environment = Environment
outcome-livelihood = Livelihood
outcome-culture = Culture
outcome-mindset = State of mind
grid-fault-bad-code = { $code } is not a grid code of 15 digits, a village code of 12 and a serial of 3: correct it
grid-fault-duplicate-code = The code { $code } occurs more than once: give each grid a code of its own, none is used twice
grid-fault-unknown-village = The first twelve digits of grid { $code } are no known village: check them, or load a newer list of divisions
grid-fault-wrong-village = The first twelve digits of grid { $code } are not the village that the file says: correct one of them
grid-fault-outside-area = Grid { $code } does not belong to this area: check its code, or remove it from the file
grid-fault-parts = Grid { $code } consists of several parts, but a grid has one border: draw each part as a grid, or join them
grid-fault-hole = Grid { $code } has a hole, but a grid has one border: divide it into grids without a hole
grid-fault-no-area = The border of grid { $code } encloses nothing: draw it with three corners or more
grid-fault-open-ring = The border of grid { $code } is not closed: look at it on the map and close it, or use the ring repair
grid-fault-repeated-corner = The border of grid { $code } repeats a corner or goes out and back here: remove the corner, or use the ring repair
grid-fault-self-crossing = The border of grid { $code } crosses itself here: move its corners apart
grid-fault-too-many-corners = The border of grid { $code } has more than 3,000 corners, too many for a phone: simplify it, or divide the grid
grid-fault-overlap = Grids { $code } overlap by { $area } square metres: move one border onto the other, or use the snap repair
grid-fault-gap = Between grids { $code } lie { $area } square metres that belong to none: close the borders, or draw a grid there
crs-wgs = WGS-84, as GPS gives it
crs-cgcs = CGCS2000 in degrees
crs-gcj = GCJ-02 (Amap, Tencent)
crs-bd = BD-09 (Baidu)
error-days-reversed = The last day is before the first. Please choose one of them anew.
error-photo-code = This is no code: look at the twelve characters at the photo's lower left and type them again.
error-grids-too-large = The file is too large and was not checked. Split it by town and check each part.
error-grids-too-many = The file has more than 50,000 grids and was not checked. Split it by county.
error-grids-unreadable = The file cannot be read and was not checked: it may be incomplete, or not be what its name ends in. Look at it in your GIS, save it again and try once more.
error-grids-crs-differs = You chose “{ $named }”, the file says “{ $stated }”; it was not checked. Choose the right system. If you know that the file is labelled wrongly, tick “The file's label is wrong”.
error-grids-crs-projected = You chose “{ $named }”, the file says “{ $stated }”, which is a projection in metres; it was not checked. Convert it to CGCS2000 in degrees in your GIS, then choose that system.
error-grids-crs-other = You chose “{ $named }”, the file says “{ $stated }”, which is another system; it was not checked. Convert it to one of the four systems in your GIS.
error-grids-no-column = The file has no such column ({ $wanted }) and was not checked. Its columns are: { $have }. Say which column holds the codes or names.
error-grids-which-layer = The file has several layers: { $have }. Say which one holds the grids.
error-grids-no-layer = The file has no layer of polygons called “{ $wanted }” and was not checked. Look at the name of the layer.
error-grids-encoding = The file does not say how its texts are encoded and was not checked. Choose the encoding, or save it again in your GIS.
error-grids-zip-locked = The archive has a password, or is packed in a way that is not read; it was not checked. Pack it again with the zip of your system, without a password.
error-grids-zip-lacks = The archive has no { $wanted } file and was not checked. Pack the { $have } of one name together.
error-grids-no-area = Grid { $feature } encloses nothing, so the mended file cannot be written. Draw it in your GIS first, or remove it.
error-grids-not-polygon = Feature { $feature } is not a polygon; the file was not checked. A grid has a border: remove the feature, or draw its border.
error-grids-no-geometry = Grid { $feature } of the file has no geometry; the file was not checked. Draw its border, or remove it.
error-grids-off-the-earth = The coordinates of grid { $feature } are not on the earth; the file was not checked. Look at the chosen system, and whether longitude comes before latitude.
error-grids-metres = The coordinates of grid { $feature } are metres, not degrees; the file was not checked. Convert it to CGCS2000 in degrees in your GIS, then choose that system.
error-grids-too-detailed = Grid { $feature } has too many corners or parts; the file was not checked. Simplify its border.
error-grids-text-too-long = The code or name of grid { $feature } is too long; the file was not checked. Look at the chosen columns, or shorten it.
error-grids-feature-unreadable = The geometry of grid { $feature } cannot be read; the file was not checked. Look at it in your GIS, mend it and try again.
error-grids-none = There is no grid in the file. Did you choose the right one?
