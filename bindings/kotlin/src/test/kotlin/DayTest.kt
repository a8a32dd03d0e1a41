import java.io.BufferedReader
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import java.security.SecureRandom
import java.util.concurrent.TimeUnit
import kotlin.io.path.readBytes
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import uniffi.gridpatrol_core.CaseFilter
import uniffi.gridpatrol_core.CaseQuery
import uniffi.gridpatrol_core.Fix
import uniffi.gridpatrol_core.GridpatrolException
import uniffi.gridpatrol_core.Lang
import uniffi.gridpatrol_core.NewCase
import uniffi.gridpatrol_core.NewPhoto
import uniffi.gridpatrol_core.ReceiptState
import uniffi.gridpatrol_core.SyncProgress
import uniffi.gridpatrol_ffi.Cancel
import uniffi.gridpatrol_ffi.Gridpatrol
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
        val http = HttpClient.newHttpClient()
        val cookie = http.post("/api/session", """{"name":"county","password":"$password"}""")
            .headers().firstValue("set-cookie").get().substringBefore(';')
        val answer = http.post(
            "/api/enrolments",
            """{"member":"网格员·仲和·77","role":"member","areas":["$VILLAGE"]}""",
            cookie,
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
        phone.syncNow()
        val again = assertThrows(GridpatrolException::class.java) { phone.sync().enrol(hub, code) }
        assertTrue("error-code" in again.toString()) { "$again" }

        // From here on there is no signal.
        val places = phone.places().due(null, 3u)
        assertEquals(3, places.size)
        val patrol = phone.patrols().start(VILLAGE, null)
        phone.patrols().addFixes(patrol, places.mapIndexed { at, place -> fix(at, place.position!!.lonE7, place.position!!.latE7) })
        phone.places().normal(places[0].id, places[0].position)
        val mistaken = phone.places().normal(places[1].id, null)
        phone.places().undo(mistaken)
        val case = phone.cases().report(
            NewCase(null, "消防栓出水口的盖子不见了", null, null, places[2].id, null, false),
        )
        phone.cases().selfHandle(case)
        val picture = Files.walk(folder.resolve("demo/camera")).filter { "$it".endsWith(".jpg") }.findFirst().get()
        val photo = phone.photos().add(NewPhoto("$picture", case, false, null))

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
        phone.syncNow(steps)
        assertTrue(steps.last().recordsUp > 0uL && steps.last().filesUp > 0uL)
        val handback = phone.handback()
        assertTrue(handback.can) { "$handback" }
        assertEquals(handback.records.total, handback.records.accepted)
        val listed = phone.cases().list(CaseQuery(CaseFilter.ALL, "stage-self-handled", null, 50u)).items
        assertNotNull(listed.find { it.id == case && it.receipt?.state == ReceiptState.ACCEPTED })
        assertEquals("已自行处置", phone.text("stage-self-handled", Lang.ZH, listOf()))
        assertEquals(1, phone.photos().of(case).count { it.id == photo })
        phone.close()
    }

    private fun open() = Gridpatrol.open("$folder/phone", member, SystemClock, SystemRandom)

    private fun fix(at: Int, lon: Int, lat: Int) =
        Fix(System.currentTimeMillis() - 60_000L + at * 5_000L, lon, lat, null, 45u, null, null)

    private fun HttpClient.post(path: String, body: String, cookie: String? = null): HttpResponse<String> {
        val request = HttpRequest.newBuilder(URI("$hub$path"))
            .header("content-type", "application/json")
            .header("origin", hub)
            .also { if (cookie != null) it.header("cookie", cookie) }
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build()
        val response = send(request, HttpResponse.BodyHandlers.ofString())
        check(response.statusCode() / 100 == 2) { "$path: ${response.statusCode()} ${response.body()}" }
        return response
    }
}

private fun Gridpatrol.syncNow(steps: MutableList<SyncProgress> = mutableListOf()) {
    sync().run(Cancel(), object : ProgressWatcher {
        override fun moved(progress: SyncProgress) {
            steps += progress
        }
    })
}

private fun HttpResponse<String>.text(name: String) =
    Regex("\"$name\":\"([^\"]+)\"").find(body())!!.groupValues[1]

private fun BufferedReader.find(pattern: Regex): String =
    lineSequence().mapNotNull { pattern.find(it) }.first().groupValues[1]

private object SystemClock : PhoneClock {
    override fun now() =
        Reading(System.currentTimeMillis(), 1uL, (System.nanoTime() / 1_000_000).toULong(), null)
}

private object SystemRandom : PhoneRandom {
    private val random = SecureRandom()

    override fun bytes(count: UInt) = ByteArray(count.toInt()).also(random::nextBytes)
}
