import type { Texts } from './en';

export const ja: Texts = {
  'page.title': 'glocal：暗い写真に光を',
  'page.description':
    '暗い写真や逆光の写真を、このタブの中で動く小さなニューラルネットワークで明るくします。アップロードは一切ありません。',
  'page.noscript':
    'glocal はこのページのスクリプトとして動きます。スクリプトを許可して再読み込みしてください。',

  'bar.add': '写真を追加',
  'bar.help': 'キーボード操作',
  'bar.language': '言語',
  'bar.starting': '起動中',
  'bar.unavailable': '利用できません',
  'bar.slow': '{name}（低速）',
  'bar.processor': 'ソフトウェアアダプター',
  'bar.graphics': 'グラフィックカード',
  'bar.runs-on': '{name} で動作中',
  'bar.privacy': '写真はこの端末で処理されます。このページの外に出ることはありません。',
  'bar.close': '閉じる',

  'landing.title': '暗い写真に光を',
  'landing.lead':
    'glocal は、このタブの中で動く小さなニューラルネットワークで、暗い写真や逆光の写真の影を起こし、明るい部分を抑えます。',
  'landing.promise': 'アップロードは一切ありません。',
  'landing.demo': '例：左が処理前、右が処理後',
  'landing.choose': '写真を選ぶ',
  'landing.folder': 'フォルダーを選ぶ',
  'landing.drop': 'またはこのページにドロップ、貼り付け',
  'landing.try': '手元に写真がなければ、こちらでお試しください',
  'landing.colophon':
    '木下・貴家（2019）のネットワークを、手書きの WebGPU カーネルで動かしています。MIT ライセンスの自由ソフトウェアです。',
  'landing.train': '自分で学習させる',
  'landing.bench': 'この端末を計測',
  'landing.veil': 'ドロップして補正',
  'landing.input': '補正する写真',

  'landing.live': 'カメラで試す',
  'live.title': 'glocal ライブ：カメラに光を',
  'live.description':
    'カメラの映像や動画を、このタブの中の小さなニューラルネットワークで明るくします。どこにも送信しません。',
  'live.heading': 'カメラに光を',
  'live.privacy': '映像はこの端末で処理されます。録画されず、このページの外に出ることもありません。',
  'live.camera': 'カメラを開始',
  'live.file': '動画を選ぶ',
  'live.picture': '補正した映像',
  'live.starting': '起動中…',
  'live.rate': '毎秒 {rate} フレーム、{size}',
  'live.split': '左から処理前を表示',
  'live.lines': '最大の行数',
  'live.stop': '停止',
  'live.snapshot': 'スナップショット',
  'live.denied': 'カメラの使用が許可されていません。アドレス欄の横で許可するか、動画を選んでください。',
  'live.no-camera': 'カメラが見つかりません。接続するか、動画を選んでください。',
  'live.unreadable':
    'この動画は再生できないか、カメラが他のプログラムで使用中です。そのプログラムを閉じるか、別の動画を選んでください。',

  'bench.title': 'glocal：この端末の速さ',
  'bench.description':
    'glocal のネットワーク、学習ステップ、カーネルをお使いのグラフィックカードで計測します。',
  'bench.heading': 'この端末の速さを測る',
  'bench.lead':
    'ネットワーク、学習の一ステップ、個々の演算をグラフィックカードで実行し、カードの最大性能と比べます。グラフィックカードなら一、二分で終わります。その間、ほかの作業はしないでください。',
  'bench.privacy': '何も送信されません。結果はコピーするまでこのページにとどまります。',
  'bench.against': 'TensorFlow.js と比べる（このサイトにある場合）',
  'bench.start': '計測する',
  'bench.copy': '結果をコピー',
  'bench.keep': '結果を保存',
  'bench.measuring': '計測中：{what}',
  'bench.done': '完了しました。',
  'bench.done-software':
    '完了しました。ソフトウェアアダプターのため、グラフィックカードではなくプロセッサーの速さです。',
  'bench.peak': '最大性能：毎秒 {compute} 十億演算、{memory} GB。',
  'bench.results': '結果',
  'bench.work': '処理',
  'bench.time': 'ミリ秒',
  'bench.per-megapixel': '百万画素あたり',
  'bench.share': '最大性能比',
  'bench.theirs': 'TensorFlow.js に対する速さ（倍）',
  'bench.send':
    '結果を glocal の開発者に送ると、このカードが一覧表に載ります。送り方は説明書の「Performance」にあります。',
  'bench.copied': '結果をコピーしました',
  'bench.not-copied': 'ブラウザーがコピーを許可しませんでした。代わりに結果を保存してください。',
  'bench.no-tfjs':
    'このサイトには TensorFlow.js がないため、glocal だけを計測します。サイトを作る人は scripts/build-opponent.mjs で追加できます。',

  'stage.label': '写真',
  'stage.before': '処理前',
  'stage.after': '処理後',
  'stage.divider': '処理前と処理後の境界',
  'stage.divided': '処理前 {before}、処理後 {after}',
  'stage.compared': '{name}、左が処理前、右が処理後',
  'stage.about': 'この写真について：',
  'stage.notes': '{notes}.',

  'view.controls': '表示',
  'view.zoom-in': '拡大',
  'view.zoom-out': '縮小',
  'view.actual': '等倍で表示',
  'view.fit': '全体を表示',
  'view.before': '押している間、処理前を表示',
  'view.side-by-side': '並べて表示',

  'wait.decoding': '写真を読み込み中',
  'wait.preparing': 'ネットワークを準備中',
  'wait.enhancing': '補正中',
  'wait.queued': '順番を待っています',
  'wait.cancelling': '中止しています',
  'wait.cancel': '中止',
  'wait.left': '{percent}、残り {time}',
  'wait.title': '{percent} · {name}',
  'wait.title-many': '{at}/{total} · {percent} · glocal',

  'strip.label': '写真一覧',
  'strip.waiting': '{name}、待機中',
  'strip.working': '{name}、補正中',
  'strip.done': '{name}、補正済み',
  'strip.failed': '{name}、補正できませんでした',
  'strip.remove': '{name} を取り除く',

  'tools.label': 'ツール',
  'tools.strength': '強さ',
  'tools.strength-tip': 'ダブルクリックで最大に戻す',
  'tools.options': 'オプション',
  'tools.histogram': '明るさ（処理前と処理後）',
  'tools.histogram-label': '明るさのヒストグラム。平均は処理前 {before}、処理後 {after}。',
  'tools.network': 'ネットワーク',
  'tools.own': '自分の重み…',
  'tools.own-input': '重みファイル',
  'tools.finish': '黒点と白点を合わせる',
  'tools.keep-hue': '色相を保つ',

  'model.instant': 'instant：色の地図',
  'model.nano': 'nano：論文どおり',
  'model.small': 'small：nano の拡大版',

  'save.format': '形式',
  'save.same': '写真と同じ',
  'save.quality': '画質',
  'save.name': '名前',
  'save.size': '{format}、{size}',
  'save.measuring': 'サイズを測っています…',
  'save.save': '保存',
  'save.copy': 'コピー',
  'save.as': '名前を付けて保存…',
  'save.beside': '元の写真の隣に保存',
  'save.all': 'すべて保存',
  'save.all-folder': 'すべてフォルダーへ…',
  'save.saved': '保存しました：{name}',
  'save.saved-many.one': '{count} 枚を保存しました',
  'save.saved-many.other': '{count} 枚を保存しました',
  'save.copied': 'コピーしました：{name}',
  'save.failed': '保存できませんでした。{title}。{advice}',
  'save.enhanced': '補正しました：{name}',

  'help.title': 'キーボードとマウス',
  'help.before': '押している間、処理前を表示',
  'help.side': '並べて表示',
  'help.zoom': '拡大と縮小',
  'help.fit': '全体表示、等倍表示',
  'help.photos': '前の写真、次の写真',
  'help.save': '保存',
  'help.copy': 'コピー',
  'help.cancel': '中止',
  'help.this': 'この一覧',
  'help.click': '写真をクリック',
  'help.click-does': '境界をそこへ動かす',
  'help.press': '写真を長押し',
  'help.press-does': '処理前を表示',
  'help.double': '写真をダブルクリック',
  'help.double-does': '等倍表示、全体表示',
  'help.wheel': 'ホイール、ピンチ',
  'help.wheel-does': '拡大と縮小',

  'leave.link':
    '写真へのリンクは開きません。何を見ているかが他のサーバーに伝わってしまうためです。写真を保存してから、ここに追加してください。',

  'note.hdr': 'HDR（{detail}）の写真を、ブラウザーが標準の範囲に変換しました',
  'note.deep':
    '1 チャンネル {detail} ビットの写真です。このページは 8 ビット、コマンドラインは 16 ビットで処理します',
  'note.software': 'グラフィックカードが使われていないため、低速です。',
  'note.software-advice':
    '代わりにプロセッサーで計算しています。ブラウザーの設定でハードウェアアクセラレーションを有効にすると速くなることがあります。',

  'problem.remove': '取り除く',
  'problem.retry': 'もう一度',
  'problem.enhance': '補正する',
  'problem.folder-name': 'フォルダー',
  'problem.not-an-image.title': '写真ではありません',
  'problem.not-an-image.advice':
    'ブラウザーが知っている画像ではありません。JPEG、PNG、WebP、AVIF のファイルを選んでください。',
  'problem.undecodable.title': 'この写真は読み込めません',
  'problem.undecodable.advice':
    '壊れているか、このブラウザーが知らない形式です。JPEG か PNG で保存し直して追加してください。',
  'problem.truncated.title': 'この写真は一部が欠けています',
  'problem.truncated.advice':
    'ファイルが途中で終わっているか、壊れています。ダウンロードやコピーの失敗によることが多いので、もう一度取得してください。',
  'problem.folder.title': 'このフォルダーには写真がありません',
  'problem.folder.advice':
    'JPEG、PNG、WebP、AVIF、GIF のファイルが入ったフォルダーか、写真そのものを選んでください。',
  'problem.heic.title': 'このブラウザーは HEIC を読めません',
  'problem.heic.advice':
    '先に JPEG に変換してください。Mac では「プレビュー」、Windows では「フォト」が使えます。電話の設定を「互換性優先」にする方法もあります。Safari は HEIC を読めます。',
  'problem.raw.title': 'カメラの RAW ファイルです',
  'problem.raw.advice':
    '画像ではなくセンサーのデータです。RAW 現像ソフトで現像し、その JPEG を追加してください。',
  'problem.tiff.title': 'このブラウザーは TIFF を読めません',
  'problem.tiff.advice':
    '16 ビットを保てるコマンドライン（glocal enhance）を使うか、PNG で保存し直してください。',
  'problem.too-large.title': 'ブラウザーには大きすぎる写真です',
  'problem.too-large.advice': '縮小するか、コマンドライン（glocal enhance）を使ってください。',
  'problem.bomb.title': '見るための写真ではありません',
  'problem.bomb.advice':
    'ファイルに収まるはずのない数の画素を名乗っています。空か、メモリーを使い切るために作られたものです。開きません。',
  'problem.unreadable.title': 'このファイルはもう読めません',
  'problem.unreadable.advice':
    '追加したあとで移動、変更、または削除されました。今ある場所から追加し直してください。',
  'problem.no-room.title': 'ブラウザーに保存する余裕がありません',
  'problem.no-room.advice':
    'これまでに保存したものは無事です。ディスクを空けるか、ファイルを減らして続けてください。',
  'problem.not-allowed.title': 'そこに書き込む許可がありません',
  'problem.not-allowed.advice': 'ブラウザーに尋ねられたら許可するか、別の場所を選んでください。',
  'problem.out-of-memory.title': 'グラフィックメモリーが足りません',
  'problem.out-of-memory.advice': '他のタブを閉じてもう一度試すか、写真を縮小してください。',
  'problem.device-lost.title': 'グラフィックデバイスが使えなくなりました',
  'problem.device-lost.advice':
    'スリープやドライバーの更新のあと、または他のプログラムの負荷で起こります。もう一度試すと開き直します。',
  'problem.crashed.title': '補正が予期せず止まりました',
  'problem.crashed.advice': '再起動しました。他の写真は無事です。この写真をもう一度試してください。',
  'problem.internal.title': 'glocal に問題が起きました',
  'problem.internal.advice':
    'プログラムの不具合です。もう一度試し、再び起こるようなら下の行を添えて報告してください。',
  'problem.cancelled.title': '中止しました',
  'problem.cancelled.advice': 'この写真は元のままです。',
  'problem.no-webgpu.title': 'このブラウザーには WebGPU がありません',
  'problem.no-webgpu.advice':
    'ネットワークの実行に必要です。最新の Chrome、Edge、Opera、Safari 26 以降、または Windows か Apple シリコンの Mac の最新の Firefox をお使いください。',
  'problem.insecure.title': 'このページは安全に開かれていません',
  'problem.insecure.advice':
    'WebGPU は https か localhost のページでしか使えません。https のアドレスで開いてください。',
  'problem.no-adapter.title': 'グラフィックアダプターが見つかりません',
  'problem.no-adapter.advice':
    'ブラウザーの設定でハードウェアアクセラレーションを有効にし、グラフィックドライバーを更新して、ブラウザーを再起動してください。Linux の Chrome では chrome://flags の「Unsafe WebGPU Support」も必要なことがあります。',
  'problem.weights.title': 'ネットワークの重みを読み込めませんでした',
  'problem.weights.advice': '接続を確かめて、もう一度試してください。',
  'problem.own-weights.title': 'この重みファイルは使えません',
  'problem.own-weights.advice':
    'glocal train か学習ページが書き出した .safetensors ファイル、または別のネットワークを選んでください。',
};
