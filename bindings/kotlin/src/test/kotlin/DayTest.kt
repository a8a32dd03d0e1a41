import java.io.BufferedReader
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path
import java.security.SecureRandom
import java.util.HexFormat
import java.util.concurrent.TimeUnit
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import uniffi.gridpatrol_core.CaseFilter
import uniffi.gridpatrol_core.CasePhoto
import uniffi.gridpatrol_core.CaseQuery
import uniffi.gridpatrol_core.Fix
import uniffi.gridpatrol_core.GridpatrolException
import uniffi.gridpatrol_core.Lang
import uniffi.gridpatrol_core.MapSystem
import uniffi.gridpatrol_core.NewCase
import uniffi.gridpatrol_core.NewPhoto
import uniffi.gridpatrol_core.NoPhoto
import uniffi.gridpatrol_core.ReceiptState
import uniffi.gridpatrol_core.SamplingSigns
import uniffi.gridpatrol_core.SyncProgress
import uniffi.gridpatrol_core.TilePart
import uniffi.gridpatrol_ffi.Cancel
import uniffi.gridpatrol_ffi.ChangeListener
import uniffi.gridpatrol_ffi.ChangedRecord
import uniffi.gridpatrol_ffi.Frame
import uniffi.gridpatrol_ffi.Gridpatrol
import uniffi.gridpatrol_ffi.InternalException
import uniffi.gridpatrol_ffi.PhoneClock
import uniffi.gridpatrol_ffi.PhoneRandom
import uniffi.gridpatrol_ffi.ProgressWatcher
import uniffi.gridpatrol_ffi.Reading

private const val VILLAGE = "440783108224"

/** One day of a member through the bindings, against the real hub of a running demo. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DayTest {
    private val folder: Path = Files.createTempDirectory("gridpatrol")
    private lateinit var demo: Process
    private lateinit var hub: String
    private lateinit var code: String
    private lateinit var member: String
    private lateinit var cookie: String
    private val http = HttpClient.newHttpClient()

    @BeforeAll
    fun `an office enrols the phone`() {
        demo = ProcessBuilder(System.getProperty("gridpatrol.binary"), "demo", "--phones", "2", "--dir", "$folder/demo")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .also { it.environment()["RUST_LOG"] = "error" }
            .start()
        val said = demo.errorStream.bufferedReader()
        hub = said.find(Regex("console: (http:\\S+)"))
        val password = said.find(Regex("name: county\\s+口令 password: (\\S+)"))
        // What the demo goes on to say would fill the pipe.
        Thread { said.lines().forEach { } }.apply { isDaemon = true }.start()
        cookie = http.post("/api/session", """{"name":"county","password":"$password"}""")
            .headers().firstValue("set-cookie").get().substringBefore(';')
        val answer = http.post(
            "/api/enrolments",
            """{"member":"网格员·仲和·77","role":"member","areas":["$VILLAGE"]}""",
        )
        code = answer.text("code")
        member = answer.text("member")
    }

    @AfterAll
    fun `the demo stops`() {
        demo.destroy()
        assertTrue(demo.waitFor(60, TimeUnit.SECONDS))
        folder.toFile().deleteRecursively()
    }

    @Test
    fun `an offline day of a grid member reaches the hub`() {
        var phone = open()
        val enrolled = phone.sync().enrol(hub, code)
        assertEquals(listOf(VILLAGE), enrolled.areas)
        val stopped = assertThrows(GridpatrolException.Hub::class.java) {
            phone.sync().run(Cancel().apply { cancel() }, watcher { })
        }
        assertEquals("error-sync-cancelled", stopped.id)
        // The screen that showed the progress is gone; the sync goes on.
        phone.sync().run(Cancel(), watcher { error("no screen") })
        val again = assertThrows(GridpatrolException::class.java) { phone.sync().enrol(hub, code) }
        assertTrue("error-code" in again.toString()) { "$again" }

        // She sets out; a sync on the way is no gap.
        val walking = SamplingSigns(true, null, 80u, false)
        assertNull(phone.patrols().sampling(walking))
        val places = phone.places().due(null, 3u)
        assertEquals(3, places.size)
        val patrol = phone.patrols().start(VILLAGE, null)
        assertEquals(1_200u, phone.patrols().sampling(walking)?.budget)
        val gate = places[0].position!!
        phone.patrols().addFixes(patrol, listOf(fix(0, gate.lonE7, gate.latE7)))
        phone.sync().run(Cancel(), watcher { })
        phone.patrols().addFixes(patrol, listOf(fix(1, gate.lonE7 + 500, gate.latE7)))

        // From here on there is no signal, and an app makes up where she is.
        val heard = Heard()
        val listening = phone.observe(heard)
        phone.patrols().addFixes(patrol, listOf(fix(2, gate.lonE7, gate.latE7).copy(mock = true)))
        val walk = phone.patrols().detail(patrol)
        assertEquals(listOf<Any>(), walk.gaps)
        val doubts = walk.segments.single().doubts.map { Triple(it.reason, it.first, it.last) }
        assertEquals(listOf(Triple("doubt-mock", 2u, 2u)), doubts)
        assertEquals("系统提示这是模拟位置", phone.text("doubt-mock", Lang.ZH, listOf()))
        phone.places().normal(places[0].id, places[0].position)
        val mistaken = phone.places().normal(places[1].id, null)
        phone.places().undo(mistaken)
        val picture = Files.walk(folder.resolve("demo/camera")).filter { "$it".endsWith(".jpg") }.findFirst().get()
        val photos = listOf(CasePhoto("$picture", false, null), CasePhoto("$folder/gone.jpg", false, null))
        val hydrant = NewCase(null, "消防栓出水口的盖子不见了", null, null, places[2].id, null, null, false, photos)
        val reported = phone.cases().report(hydrant)
        val case = reported.id
        val photo = reported.photos.single().id
        assertEquals(listOf("error-photo-unreadable"), reported.rejected.map { it.reason })
        assertTrue("kind-case" to case in heard.records) { "${heard.records}" }
        listening.close()
        heard.records.clear()
        phone.cases().selfHandle(case)
        assertEquals(listOf<Pair<String, String>>(), heard.records)

        // The system decodes what the core cannot.
        val heic = folder.resolve("IMG_7.HEIC")
        heic.writeBytes("\u0000\u0000\u0000\u0018ftypheic\u0000\u0000\u0000\u0000mif1heic".toByteArray() + ByteArray(300))
        val decoded = phone.photos().add(NewPhoto("$heic", case, false, null)).id
        val pixels = ByteBuffer.allocateDirect(4 * 320 * 240)
        phone.photos().addPreviewRgba(decoded, Frame(320u, 240u, 1u, null), 4u * 320u, pixels)
        val shown = phone.photos().of(case).single { it.id == decoded }
        assertTrue(shown.noPreview == null && Files.exists(Path.of(shown.thumbnail!!))) { "$shown" }

        // About minors: words and no photo.
        val minors = phone.cases().report(hydrant.copy(noPhoto = NoPhoto.MINORS, photos = photos.take(1)))
        assertEquals(listOf("error-photo-of-minors"), minors.rejected.map { it.reason })

        // She rests, and the system suspends the app.
        phone.patrols().pause(patrol)
        phone.suspend()
        val asleep = assertThrows(GridpatrolException.Suspended::class.java) { phone.patrols().running() }
        assertEquals("error-app-suspended", asleep.id)
        phone.wake()
        phone.patrols().resume(patrol)

        // The system ends the app.
        phone.close()
        phone = open()
        assertEquals(patrol, phone.patrols().running()?.id)
        phone.patrols().end(patrol)
        val waiting = phone.handback()
        assertFalse(waiting.can)
        assertTrue(waiting.recordsWaiting > 0uL && waiting.bytesWaiting >= picture.readBytes().size.toULong())

        // The signal is back.
        val steps = mutableListOf<SyncProgress>()
        phone.sync().run(Cancel(), watcher(steps::add))
        assertTrue(steps.last().recordsUp > 0uL && steps.last().filesUp > 0uL)
        val handback = phone.handback()
        assertTrue(handback.can) { "$handback" }
        assertEquals(handback.records.total, handback.records.accepted)
        val listed = phone.cases().list(CaseQuery(CaseFilter.ALL, "stage-self-handled", null, 50u)).items
        assertNotNull(listed.find { it.id == case && it.receipt?.state == ReceiptState.ACCEPTED })
        assertEquals("已自行处置", phone.text("stage-self-handled", Lang.ZH, listOf()))
        assertEquals(1, phone.photos().of(case).count { it.id == photo })
        phone.close()

        // What the office sees.
        val walked = String(http.get("/api/patrols/$patrol"))
        assertTrue("\"places_seen\":1," in walked) { walked }
        val filed = String(http.get("/api/cases/$case"))
        assertTrue("\"stage\":\"self_handled\"" in filed) { filed }
        assertArrayEquals(picture.readBytes(), http.get("/api/photos/$photo/original"))
        assertTrue(http.get("/api/photos/$decoded/preview").isNotEmpty())
    }

    @Test
    fun `a listener that fails does not make a save fail`() {
        val phone = Gridpatrol.open("$folder/listened", "listened", SystemClock, SystemRandom)
        var called = 0
        phone.observe(object : ChangeListener {
            override fun changed(records: List<ChangedRecord>) {
                called += 1
                error("the screen is gone")
            }
        }).use {
            val patrol = phone.patrols().start(VILLAGE, null)
            assertEquals(patrol, phone.patrols().running()?.id)
        }
        assertEquals(1, called)
        phone.close()
    }

    @Test
    fun `a clock that fails saves nothing`() {
        var broken = false
        val clock = object : PhoneClock {
            override fun now() = if (broken) error("no clock") else SystemClock.now()
        }
        val phone = Gridpatrol.open("$folder/clockless", "clockless", clock, SystemRandom)
        broken = true
        assertThrows(InternalException::class.java) { phone.patrols().start(VILLAGE, null) }
        broken = false
        assertNull(phone.patrols().running())
        phone.patrols().start(VILLAGE, null)
        assertNotNull(phone.patrols().running())
        phone.close()
    }

    @Test
    fun `a damaged database is moved aside and the shell is told`() {
        val phone = Gridpatrol.open("$folder/damaged", "damaged", SystemClock, SystemRandom)
        assertEquals(listOf<String>(), phone.openingNotes())
        phone.suspend()
        phone.close()
        Files.walk(folder.resolve("damaged")).use { files ->
            files.filter { it.endsWith("records.db") }.forEach { it.writeBytes(ByteArray(8192) { 7 }) }
        }
        val again = Gridpatrol.open("$folder/damaged", "damaged", SystemClock, SystemRandom)
        assertTrue(again.openingNotes().any { "a database was damaged" in it }) { "${again.openingNotes()}" }
        again.close()
    }

    @Test
    fun `a walk of another device is imported`() {
        val phone = Gridpatrol.open("$folder/imported", "imported", SystemClock, SystemRandom)
        val gpx = """<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
            <trkpt lat="22.3" lon="112.5"><time>2026-11-24T01:00:00Z</time></trkpt>
            <trkpt lat="22.3001" lon="112.5"/></trkseg></trk></gpx>"""
        val taken = phone.patrols().importGpx(gpx.toByteArray(), "walk.gpx", VILLAGE)
        assertEquals(listOf<ULong>(1u, 2u, 1u), listOf(taken.segments, taken.points, taken.untimed))
        assertEquals(taken.patrol, phone.patrols().detail(taken.patrol).row.id)
        val refused = assertThrows(GridpatrolException.Refused::class.java) {
            phone.patrols().importGpx("<gpx".toByteArray(), "walk.gpx", VILLAGE)
        }
        assertEquals("error-gpx-unreadable", refused.id)
        phone.close()
    }

    @Test
    fun `a base map lies under the grid`() {
        val phone = Gridpatrol.open("$folder/mapped", "mapped", SystemClock, SystemRandom)
        val vector = Path.of("../../tests/vectors/valid/pmtiles.json").readText()
        val archive = Regex("\"archive\": \"([0-9a-f]+)\"").find(vector)!!.groupValues[1]
        val file = folder.resolve("town.pmtiles").also { it.writeBytes(HexFormat.of().parseHex(archive)) }
        val map = phone.map().addBaseMap("$file", MapSystem.WGS84)
        assertEquals(listOf(map), phone.map().baseMaps().maps)
        assertEquals("© OpenStreetMap", map.attribution)
        val (x, y) = 106525u to 57195u
        val tile = phone.map().baseTile(map.id, 17u, x, y)!!
        assertEquals(listOf("image/png", TilePart(3u, x % 8u, y % 8u)), listOf(tile.mime, tile.part))
        val refused = assertThrows(GridpatrolException.Refused::class.java) {
            phone.map().addBaseMap("${file.resolveSibling("none.pmtiles")}", null)
        }
        assertEquals("error-base-map-unreadable", refused.id)
        phone.close()
    }

    private fun open() = Gridpatrol.open("$folder/phone", member, SystemClock, SystemRandom)

    private fun fix(at: Int, lon: Int, lat: Int) =
        Fix(System.currentTimeMillis() - 60_000L + at * 5_000L, lon, lat, null, 45u, null, null, false, true)

    private fun HttpClient.post(path: String, body: String): HttpResponse<String> =
        send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString())
            .also { check(it.statusCode() / 100 == 2) { "$path: ${it.statusCode()} ${it.body()}" } }

    private fun HttpClient.get(path: String): ByteArray {
        val answer = send(request(path).build(), HttpResponse.BodyHandlers.ofByteArray())
        check(answer.statusCode() == 200) { "$path: ${answer.statusCode()} ${String(answer.body())}" }
        return answer.body()
    }

    private fun request(path: String) =
        HttpRequest.newBuilder(URI("$hub$path"))
            .header("content-type", "application/json")
            .header("origin", hub)
            .also { if (::cookie.isInitialized) it.header("cookie", cookie) }
}

private class Heard : ChangeListener {
    val records = mutableListOf<Pair<String, String>>()

    override fun changed(records: List<ChangedRecord>) {
        this.records += records.map { it.kind to it.id }
    }
}

private fun watcher(told: (SyncProgress) -> Any?) = object : ProgressWatcher {
    override fun moved(progress: SyncProgress) {
        told(progress)
    }
}

private fun HttpResponse<String>.text(name: String) =
    Regex("\"$name\":\"([^\"]+)\"").find(body())!!.groupValues[1]

private fun BufferedReader.find(pattern: Regex): String =
    lineSequence().firstNotNullOfOrNull(pattern::find)?.groupValues?.get(1) ?: error("the demo ended before it said $pattern")

private object SystemClock : PhoneClock {
    override fun now() =
        Reading(System.currentTimeMillis(), 1uL, (System.nanoTime() / 1_000_000).toULong(), null)
}

private object SystemRandom : PhoneRandom {
    private val random = SecureRandom()

    override fun bytes(count: UInt) = ByteArray(count.toInt()).also(random::nextBytes)
}
