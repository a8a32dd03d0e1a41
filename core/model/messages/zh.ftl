# 界面文字（中文）。与 en.ftl 的编号一一对应；手机和后台共用这一份。

## 事件所处环节
stage-draft = 草稿
stage-reported = 已上报
stage-self-handled = 已自行处置
stage-accepted = 已受理
stage-merged = 已并入其他事件
stage-declined = 不予受理
stage-filed = 已立案
stage-dispatched = 已派遣
stage-signed = 已签收
stage-returned = 已退回
stage-handling = 处置中
stage-suspended = 暂缓处置
stage-extended = 已延期
stage-handled = 已处置，待核查
stage-checked = 已核查
stage-closed = 已结案
stage-rated = 已评价
stage-revisited = 已回访
stage-reopened = 重新办理

## 记录种类
kind-patrol = 巡查
kind-inspection = 检查
kind-place = 点位
kind-case = 事件
kind-visit = 走访
kind-task = 任务
kind-intake = 诉求登记
kind-booking = 预约
kind-grid = 网格
kind-photo = 照片
kind-track-chunk = 轨迹
kind-scene = 特殊时段
kind-review = 审阅意见
kind-note = 备注
kind-mark = 标记点

## 检查结果
result-normal = 一切正常
result-problem = 有问题
result-unreachable = 到不了现场

## 点位该不该去
due-overdue = 已逾期
due-due = 该去看了
due-unreachable = 上次没能到达
due-seen = 已看过

## 记录走到了哪一步
receipt-saved = 已存在手机里 · 还没上传
receipt-sent = 已上传 · 等待确认
receipt-accepted = 已上传 · 确认收到
receipt-held = 已上传 · 暂存，等镇街网格办处理
receipt-sent-back = 已退回 · 需要补充或更正

## 为什么暂存（内容都还在）
held-no-rights = 没有办理这一步的权限。内容已留存，等镇街网格办处理。
held-out-of-area = 地点不在本人负责的范围内。内容已留存，等镇街网格办处理。
held-bad-transition = 事件已转到别的环节，这一步暂时不能办理。内容已留存，等镇街网格办处理。
held-unreadable = 后台读不出这条记录。原样留存，等镇街网格办查看。
held-revoked = 这部手机已停用。内容已留存，等镇街网格办确认。
held-not-author = 填写人与这部手机登记的人不一致。内容已留存，等镇街网格办确认。
held-after-held = 前一步还在暂存，这一步跟着一起等镇街网格办处理。内容已留存。
verdict-amendment = 受理之后才上传，作为补充保留，没有替换原来的内容

## 轨迹为什么中断
gap-killed = 程序被系统关闭
gap-permission = 定位权限关闭
gap-no-fix = 收不到定位信号
gap-switched-off = 定位功能关闭
gap-clock-jump = 手机时间有跳变
gap-paused = 巡查已暂停
gap-unknown = 原因不明
gap-awaited = 轨迹还在手机里，没有上传完
gap-length = { $cause } { $minutes } 分钟

## 轨迹点为什么存疑。只作说明，不作结论，点位原样保留
doubt-jump = 这里的位置突然跳开，走不了这么快，多半是信号反射
doubt-frozen = 手机在移动，位置却一直没变
doubt-mock = 系统提示这是模拟位置
doubt-drift = 手机没有移动，位置飘动不计入路程

## 时间有多准
time-same-boot = 时间已与后台核对
time-gnss = 时间来自卫星定位
time-wall = 时间来自手机，未经核对
time-clamped = 手机时间不准，按上传前后推算

## 照片
photo-no-preview-heic = 这种格式（HEIC）暂时不能预览。原图已完整保存。
photo-no-preview-damaged = 图片已损坏，不能预览。原文件已保存。
photo-no-preview-truncated = 图片不完整，不能预览。原文件已保存，请从原处再复制一次。
photo-no-preview-implausible = 图片标注的尺寸与内容不符，不能预览。原文件已保存。
photo-no-preview-too-large = 图片尺寸过大，不能预览。原图已完整保存。
photo-no-preview-too-costly = 图片的解码量与文件大小不符，不能预览。原文件已保存。
photo-no-preview-unsupported = 这种格式不能预览。原文件已保存。
photo-damage-end-missing = 文件不完整，后面的部分没有了。只显示保存下来的部分，缺的部分画成斜纹。原文件已保存。
photo-damage-corrupt = 文件内容有损坏。只显示能读出的部分，缺的部分画成斜纹；显示出来的也可能有错。原文件已保存。
photo-preview-awaited = 预览图还在手机里，没有上传完
photo-no-position = 照片没有位置信息
photo-no-time = 照片没有拍摄时间
photo-off-site = 非现场拍摄

## 为什么不拍照
no-photo-asked = 当事人不愿拍照
no-photo-minors = 涉及未成年人

## 照片的印章和校验
stamp-code = 校验码
stamp-damaged = 图片残缺
stamp-off-site = 非现场
verify-intact = 是原件：文件一字不差，签名有效。
verify-recompressed = 不是原件，但看起来是同一张照片（六十四处中有 { $distance } 处不同）。作证据请调取原件。
verify-code-only = 只有校验码对得上，画面本身无法核实。作证据请调取原件。
verify-unknown-signer = 有对得上的拍摄凭证，但签名的手机无人担保，不能认定为原件。
verify-bad-signature = 拍摄凭证的签名不对，可能被改动过，不能作数。
verify-unsigned = 与后台收到的原图一字不差，但拍照时没有签名，只能说明收到以后没有改动。
verify-looks-like = 不是原件，看起来是这一张（六十四处中有 { $distance } 处不同），但手机没有为画面签名。作证据请调取原件。
verify-unrelated = 没有找到对得上的拍摄凭证，什么都不能证明。

## 同步后有什么变化
change-sent-back = 镇街网格办退回，需要补充或更正
change-held = 暂存，等镇街网格办处理
change-released = 暂存或退回的内容已生效
change-disputed = 两人填写不同，请核对
change-settled = 不同之处已有定论
change-deleted = 已删除
change-restored = 删除已撤回
change-arrived = 新收到
change-edited = 内容有更新
change-left = 已转到其他区域

## 事件经过
timeline-create = 登记
timeline-edit = 修改
timeline-step = 办理
timeline-delete = 删除
timeline-child = 添加

## 出了问题怎么办
error-disk-full = 手机存储空间不足，这一条没有存上，已有记录不受影响。请清理空间后再存一次。
error-folder-read-only = 存储目录不能写入，这一条没有存上，已有记录不受影响。请检查存储权限。
error-database-moved-aside = 数据文件损坏，已另行保存，没有删除。可以继续使用，请把手机交镇街网格办恢复旧记录。
error-database-in-use = 程序已在运行。请先关闭另一个窗口。
error-database-newer = 数据由更新的版本写入。请先升级程序，记录不受影响。
error-upgrade-to-edit = 这条记录需要升级程序后才能修改。照常可以查看和上传。
error-record-too-large = 内容太长，存不下。请缩短文字，图片请用照片添加。
error-record-missing = 找不到这条记录，可能已转到其他区域。请返回列表刷新。
error-stage-changed = 事件的环节已经变了。请先看最新情况再办理。
error-undo-too-late = 已超过十秒，不能撤销。可以在记录里直接更正。
error-patrol-running = 还有一次巡查没有结束。请先结束那一次，或继续走。
error-patrol-not-running = 这次巡查已经结束。需要继续请开始新的巡查。
error-value-unfit = 填写的内容不符合这一栏的要求，没有存上。请更正后再存。
error-category-unknown = 类别表里没有这个类别，或已停用。请重新选择。
error-photo-not-for-category = 这一类别不拍照。照片没有加入，原文件未动。
error-photo-asked-not = 当事人不愿拍照，这条记录不加照片。原文件未动，可以用文字说明。
error-photo-of-minors = 涉及未成年人，这条记录不加照片。原文件未动，可以用文字说明。
error-conflict-changed = 内容又有更新。请先看最新情况再定。
error-area-missing = 不知道属于哪个区域。请先开始巡查，或选择区域。
error-app-suspended = 程序刚从后台回来，数据还没打开。请稍等再试。
error-code-wrong = 登记码不对。请核对后再输一次。
error-code-used = 登记码已经用过。请向镇街网格办要一个新的。
error-code-expired = 登记码已过期。请向镇街网格办要一个新的。
error-not-enrolled = 这部手机还没有登记。记录都在手机里，请向镇街网格办要登记码。
error-sync-cancelled = 已停止上传。记录都在手机里，下次接着传。
error-hub-full = 后台暂时存不下。记录都在手机里，会再上传。
error-phone-refused = 后台不认这部手机。记录都在手机里，请联系镇街网格办。
error-upgrade-to-sync = 需要升级程序才能上传。记录都在手机里。
error-sync-damaged = 线路不好，收到的内容不完整。记录都在手机里，请换个地方再试。
error-hub-away = 现在连不上后台。记录都在手机里，有信号时会继续上传。
error-hub-unknown = 对方不是登记时的后台，没有上传任何内容。请联系镇街网格办。
error-hub-unprotected = 后台地址没有加密，什么也没有发送。请用镇街网格办给出的登记链接或二维码登记。
error-hub-busy = 后台正忙。记录都在手机里，稍后会继续上传。
error-phone-revoked = 这部手机已停用。手机里的内容仍可上传，由镇街网格办处理。
error-port-in-use = 端口 { $port } 已被占用。请换一个端口，或先停止占用它的程序。
error-address-needs-tls = 只允许本机访问。对外开放请配置证书，或在代理后面运行。
error-login-wrong = 用户名或密码不对。
error-login-ended = 登录已过期，请重新登录。填写的内容还在。
error-not-allowed = 没有办理这一步的权限。
error-not-found = 没有找到，或不在管辖范围内。
error-area-unknown = 没有这个区划代码：{ $code }。请核对数字，或更新区划表。
error-pack-refused = 类别表没有启用，仍用原来的版本：{ $why }
error-gpx-unreadable = 轨迹文件读不出来，没有导入，原文件未动。请重新导出一次。
error-gpx-empty = 轨迹文件里没有轨迹点，没有导入，原文件未动。
error-gpx-too-large = 轨迹文件太大，没有导入，原文件未动。请分段导出。
error-photo-unreadable = 这个文件不是照片或已损坏，没有导入，原文件未动。
error-photo-too-large = 照片文件太大，没有导入，原文件未动。
error-photo-changed = 照片文件在读取时被改动，没有加入，原文件未动。请稍后重新添加。
error-preview-not-wanted = 这张照片已有预览图，或文件不完整，不需要另做预览图。
error-pixels-unfit = 系统给出的图像与尺寸不符，没有做成预览图。原图仍完整保存。
error-original-elsewhere = 原图已不在这部手机上，不能做预览图。
error-base-map-unreadable = 这个文件不是能用的离线底图，没有加入，原文件未动。请另选一个。
error-base-map-damaged = 底图文件损坏或没有复制完整，其他数据不受影响。请重新复制一次。
error-base-map-system-unsaid = 文件没有注明底图坐标是否加偏，没有加入，原文件未动。请先问清底图来源，再重新添加。
error-base-map-foreign = 这张底图的投影不能叠加在网格下面，没有加入，原文件未动。请按网络地图投影重新制作。
error-base-map-missing = 手机里已没有这张底图。请刷新列表。
error-bytes-awaited = 照片的记录已到，图像还在手机里，等它上传后再看。
error-foreign-origin = 请求来自别的网页，没有执行。
error-holder-missing = 请从名单里选一位承办人。
error-label-missing = 请填写称呼，比如“网格员·仲和·03”。
error-file-too-large = 文件太大，不像一张照片。请选一张照片。
error-no-preview = 这张照片没有预览图，原图可以下载。
error-reason-missing = 请写明原因，1 到 500 字。
error-too-many-walks = 这么多天的巡查一次算不完。请选短一些的日期。
error-too-many-guesses = 试的次数太多，请过一分钟再试。
error-unavailable = 服务暂时不可用，数据都在，请稍后再试。
error-unknown-writes = 页面内容与记录对不上，什么都没有改。请刷新后再定。
error-unreadable = 这个请求的内容或筛选条件看不懂，什么都没有改。请刷新页面再试。
error-unexpected = 出了意外，已有记录不受影响。请重试；再次出现请联系镇街网格办。

## 栏目名称
field-name = 名称
field-place-kind = 点位类型
field-interval-days = 检查间隔（天）
field-position = 位置
field-result = 检查结果
field-checklist = 检查清单
field-note = 备注
field-category = 类别
field-description = 情况描述
field-location-text = 地点描述
field-stage = 当前环节
field-holder = 当前承办
field-severity = 紧急程度
field-reporter-note = 登记人补充
field-photo = 照片
field-taken-at = 拍摄时间
field-device-label = 拍摄设备
field-started = 开始时间
field-ended = 结束时间
field-grid = 所属网格
field-due = 办理期限
field-round = 办理轮次
field-basis = 依据
field-reason = 原因
field-life = 记录状态
field-parent = 所属记录
field-scope = 所属区域
field-synthetic = 演示数据
field-pauses = 暂停时间
field-reviewed = 审阅意见
field-place = 点位
field-inspected-at = 检查时间
field-found-at = 发现时间
field-title = 标题
field-preview = 预览图
field-thumbnail = 缩略图
field-damage = 文件损坏情况
field-fingerprint = 画面特征
field-no-preview = 不能预览的原因
field-no-photo = 不拍照的原因
field-library = 相册照片
column-longitude = 经度（WGS-84）
column-latitude = 纬度（WGS-84）
field-manifest = 拍照凭证
field-width = 原图宽度
field-height = 原图高度
field-file-name = 文件名
field-block = 轨迹数据
field-segment = 轨迹段
field-fix-count = 定位点数
field-from = 起
field-to = 止
field-gap-before = 之前中断的原因
field-ring = 网格边界
field-grid-code = 网格编码
field-households = 户数
field-superseded-by = 被以下网格取代

## 点位类型
place-kind-reservoir = 水库
place-kind-rental-house = 出租屋
place-kind-fire-hydrant = 消防栓
place-kind-watchtower = 碉楼
place-kind-school = 学校
place-kind-market = 市场
place-kind-pond = 鱼塘
place-kind-slope = 边坡
place-kind-old-tree = 古树名木

## 紧急程度
severity-general = 一般
severity-pressing = 较急
severity-urgent = 紧急

## 人员
role-member = 网格员
role-lead = 网格长
role-supervisor = 综治中心、网格办
role-handler = 承办人
role-checker = 核查员
role-auditor = 监督员

## 类别表：种类、网、期限、取证、五治、五态
category-kind-matter = 事件
category-kind-component = 部件
net-order = 综治
net-civil = 民政
net-health = 卫健
net-city = 城管
net-emergency = 应急
net-culture = 文旅
net-justice = 司法
net-overseas = 侨务
net-market = 市监
deadline-now = 先拨打 110、119 或 120，事后补记
deadline-urgent = 紧急，2 小时
deadline-instant = 水电气热，24 小时
deadline-general = 一般，7 天
deadline-complex = 复杂，15 天
deadline-petition = 信访，15 天内告知，60 天内办结
deadline-mediation = 调解，约一个月
evidence-photo = 请拍照
evidence-optional-photo = 可以拍照
evidence-no-photo = 一般不拍照
evidence-never-photo = 不拍照
way-political = 政治
way-legal = 法治
way-moral = 德治
way-self-rule = 自治
way-smart = 智治
outcome-stability = 稳态
outcome-environment = 生态
outcome-livelihood = 业态
outcome-culture = 文态
outcome-mindset = 心态
grid-fault-bad-code = 编码 { $code } 不是十五位网格编码：村级代码十二位加三位序号，请改正
grid-fault-duplicate-code = 编码 { $code } 出现不止一次：每个网格用自己的编码，编码不重复使用
grid-fault-unknown-village = 网格 { $code } 的前十二位不是已知的村级代码：请核对数字，或更新区划代码表
grid-fault-wrong-village = 网格 { $code } 的前十二位与文件中写的村不一致：请改正编码或村
grid-fault-outside-area = 网格 { $code } 不在本辖区：请核对编码，或从文件中移除
grid-fault-parts = 网格 { $code } 由几块组成，而一个网格只有一条边界：请把每块画成单独的网格，或连成一块
grid-fault-hole = 网格 { $code } 中间有洞，而一个网格只有一条边界：请把它分成没有洞的几个网格
grid-fault-no-area = 网格 { $code } 的边界没有围住任何地方：请用至少三个角点重画
grid-fault-open-ring = 网格 { $code } 的边界没有闭合：请在地图上核对后闭合，或使用环线修复
grid-fault-repeated-corner = 网格 { $code } 的边界在此处重复或原路折返：请删去多余的角点，或使用环线修复
grid-fault-self-crossing = 网格 { $code } 的边界在此处与自身相交：请移动角点，使边界不再相交
grid-fault-too-many-corners = 网格 { $code } 的边界超过三千个角点，手机存不下：请简化边界或拆分网格
grid-fault-overlap = 网格 { $code } 重叠 { $area } 平方米：请把一条边界移到另一条上，或使用贴合修复
grid-fault-gap = 网格 { $code } 之间有 { $area } 平方米不属于任何网格：请把边界合拢，或为它画一个网格
crs-wgs = WGS-84 卫星定位坐标
crs-cgcs = 2000 国家大地坐标系（经纬度）
crs-gcj = 加偏坐标（高德、腾讯）
crs-bd = 百度坐标
error-days-reversed = 结束的日期早于开始的日期。请改选其中一个。
error-photo-code = 校验码抄错了：照片左下角有十二个字符，请对着再填一次。
error-grids-too-large = 文件太大，没有核对。请按镇街拆成几个文件，再逐个核对。
error-grids-too-many = 文件里的网格超过五万个，没有核对。请按县区拆成几个文件。
error-grids-unreadable = 这个文件读不懂，没有核对：可能没有复制完整，或文件名后缀与内容不符。请在制图软件里打开看看，另存后再试。
error-grids-crs-differs = 所选坐标系是“{ $named }”，文件标注的是“{ $stated }”，没有核对。请改选正确的坐标系；确知文件标错了的，请勾选“文件的标注有误”。
error-grids-crs-projected = 所选坐标系是“{ $named }”，文件标注的“{ $stated }”是以米计的投影坐标，没有核对。请在制图软件里转成 2000 国家大地坐标系的经纬度，再选这个坐标系。
error-grids-crs-other = 所选坐标系是“{ $named }”，文件标注的“{ $stated }”是另一种坐标系，没有核对。请在制图软件里转成四种坐标系之一再试。
error-grids-no-column = 文件里没有要找的列（{ $wanted }），没有核对。文件有的列是：{ $have }。请写明编码、名称在哪一列。
error-grids-which-layer = 文件里有几个图层：{ $have }。请写明网格在哪个图层。
error-grids-no-layer = 文件里没有名叫“{ $wanted }”的面图层，没有核对。请核对图层名称。
error-grids-encoding = 看不出文件里的文字用什么编码，没有核对。请选定文字编码，或在制图软件里另存一次再试。
error-grids-zip-locked = 压缩包加了密码，或压缩方式读不了，没有核对。请用电脑自带的压缩功能重新压缩，不加密码。
error-grids-zip-lacks = 压缩包里缺少 { $wanted } 文件，没有核对。请把同名的 { $have } 一起压缩再试。
error-grids-no-area = 第 { $feature } 个网格围不出面积，改好的文件写不出来。请先在制图软件里画好它，或删去。
error-grids-not-polygon = 第 { $feature } 个图形不是面，没有核对。网格要有边界：请删去这个图形，或画出它的边界。
error-grids-no-geometry = 第 { $feature } 个网格没有图形，没有核对。请画出它的边界，或删去它。
error-grids-off-the-earth = 第 { $feature } 个网格的坐标不在地球上，没有核对。请看看坐标系选对没有，经度是否写在纬度前面。
error-grids-metres = 第 { $feature } 个网格的坐标以米计，不是经纬度，没有核对。请在制图软件里转成 2000 国家大地坐标系的经纬度，再选这个坐标系。
error-grids-too-detailed = 第 { $feature } 个网格的角点或分块太多，没有核对。请简化它的边界。
error-grids-text-too-long = 第 { $feature } 个网格的编码或名称太长，没有核对。请看看列选对没有，或改短。
error-grids-feature-unreadable = 第 { $feature } 个网格的图形读不懂，没有核对。请在制图软件里看看它，改好后再试。
error-grids-none = 文件里一个网格也没有。请看看是不是选错了文件。
