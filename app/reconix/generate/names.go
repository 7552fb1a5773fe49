package generate

import "strings"

// people is one community's stock of name parts. A part is written as
// "usual/other/other~marked": other spellings and short forms of the same name
// after slashes (the classes of reconix.md §7), the form with tone marks and
// underdots after the tilde. First names and surnames never overlap, so that a
// part says which of the two it is.
type people struct {
	share    uint64 // of 100 persons
	firsts   string
	surnames string
}

// peoples holds Nigeria's naming habits in broad strokes; the shares follow the
// size of the communities roughly and carry no meaning beyond variety.
var peoples = [...]people{
	{share: 28, firsts: yorubaFirsts + " " + christianFirsts, surnames: yorubaSurnames},
	{share: 22, firsts: igboFirsts + " " + christianFirsts, surnames: igboSurnames},
	{share: 30, firsts: northernFirsts, surnames: northernSurnames},
	{share: 20, firsts: southernFirsts + " " + christianFirsts, surnames: minoritySurnames},
}

const yorubaFirsts = `Oluwaseun/Seun Oluwatobi/Tobi Oluwafemi/Femi Oluwakemi/Kemi Oluwadamilola/Damilola Oluwaseyi/Seyi
Oluwatosin/Tosin Oluwabunmi/Bunmi Olufunke/Funke Olufunmilayo/Funmilayo Olumide Babatunde/Tunde Olanrewaju/Lanre
Abimbola~Abímbọ́lá Temitope/Tope~Tèmítọ́pẹ́ Temitayo/Temi Ayodele~Ayọ̀délé Ayodeji/Deji Omolara~Ọmọlará Omotola~Ọmọ́tọ́lá Folake
Titilayo/Titi Yetunde Iyabo Morenike Simisola Ibukun Ifeoluwa Inioluwa Jadesola Kehinde Taiwo Idowu Alaba
Bolanle Gbemisola Gbenga Modupe Motunrayo Mojisola Niyi Opeyemi Ronke Rotimi Segun Sade~Ṣadé Sola~Ṣọlá Yewande
Wuraola Toluwani Tokunbo Tinuke Subomi Oyinkansola Omobolanle Moyosore Kolade Kolawole/Kola Jimoh Jumoke Ireti
Fisayo Ebunoluwa Dotun Bukola Bamidele/Dele Ajoke Abiodun~Abíọ́dún Akinola Adunni Anuoluwapo`

const yorubaSurnames = `Adebayo/Bayo~Adébáyọ̀ Adewale/Wale~Adéwálé Adekunle/Kunle~Adékúnlé Adeyemi~Adéyẹmí Adeleke~Adélékè Adesanya Adeniyi~Adéníyì
Ogunleye Ogundipe Ogunbanjo Ogunsola Ogunbiyi Olawale Olatunji~Ọlátúnjí Olaniyan Olabisi Oladipo~Ọládípọ̀ Olayinka Olusegun Olukoya
Akinwale Akintola Akinyemi Akindele Akinsanya Ayinde Ayoola Ajayi~Àjàyí Ajibade Alabi Alade Aluko Amosun Anifowoshe
Aregbesola Arowolo Awolowo Awoniyi Awosika Babalola~Babalọlá Bakare Balogun Bankole Banjo Badmus Bolaji Coker Dada Dairo
Durojaiye Ekundayo Elegbede Fadahunsi Fagbemi Fagbenle Falana Falade Fashola~Faṣọlá Fasasi Fatoyinbo Fawehinmi Folarin
Gbadamosi Gbadebo George-Cole Ige Ilori Ishola Jaiyeola Jegede Johnson-Ade Kuti Kosoko Kuforiji Lawal-Ojo Lawanson
Makinde Majekodunmi Macaulay Mogaji Obadina Obasanjo Odukoya Odunsi Odutola Ojo Okunola Okusanya Omole Omotosho Onabanjo
Onasanya Oni Opadokun Osinbajo Osoba Osuntokun Owolabi Oyebanji Oyedepo Oyelaran Oyetola Popoola Raji Salako Sanni
Shittu Shonekan~Ṣónẹ́kàn Sobowale Soetan Sofola Somade Sowande Soyinka Taiwo-Ojo Tijani Tinubu Williams-Oye Yusuff-Ade`

const igboFirsts = `Chukwuemeka/Emeka Chukwudi Chukwuebuka/Ebuka Chukwuka Chidinma/Dinma Chidi Chiamaka/Amaka Chibuzor
Chinedu/Nedu Chinonso/Nonso Chioma Chisom Chinwe Chigozie/Gozie Ifeanyi Ifeoma Ifunanya Ikechukwu/Ike Ikenna Kelechi
Kenechukwu/Kene Kosisochukwu/Kosi Lotanna Munachimso Nkechi Nkemdilim Nkiruka Nneka Nnamdi Nnenna Ngozi Njideka Nwakaego
Obinna Obiageli/Oby Ogechi Ogochukwu Okechukwu/Okey Okwudili Olisa Onyekachi Onyinye Onyedikachi Sochima Somtochukwu/Somto
Tobechukwu Tochukwu/Tochi Uche Uchenna Ugochukwu/Ugo Ugonna Uju Ukamaka Uzoamaka Uzochukwu/Uzo Zikora Adaeze Adaobi Akunna
Amarachi Anulika Arinze Azubuike/Zubby Binyelum Dumebi Ebele Ejike Ekene Ezinne Izuchukwu Jideofor Dubem`

const igboSurnames = `Okafor~Ọkáfọ̀ Okonkwo~Ọkọ́nkwọ Okoro~Ọkọrọ Okoye Okeke Okpara Okolie Okoli Okadigbo Okigbo Nwankwo Nwosu Nwachukwu Nwafor Nwabueze
Nwogu Nwodo Nwokolo Nwobodo Nweke Nnaji Nnadi Njoku Nzeribe Nzekwe Eze Ezeh-Obi Ezekwesili Ezeani Eneh Enwerem Enemuo
Achebe Achike Adichie Agbakoba Agu Aguiyi Akabueze Akunyili Alaneme Amadi-Eze Amaechi Anyaoku Anyanwu Aneke Aniebo Anosike
Asogwa Azikiwe Chukwuma Chukwurah Dike Dimgba Duru Edozien Egbuna Ejiofor Ekwueme Ekwensi Emenike Iheanacho Ibekwe Ibeh
Igwe Ihejirika Ikpeazu Ilechukwu Iloegbunam Iroegbu Iwuanyanwu Izunaso Kalu Kanu Madu Madueke Mbadiwe Mbakwe Mbah Mbanefo
Muoneke Obi Obiechina Obioma Odenigbo Ogbonna Ogbu Ojukwu Okwuosa Olisaeke Onuoha Onwuka Onwudiwe Onyeka Onyema Oputa
Orizu Osadebe Osuji Ozoemena Umeh Umeadi Umezulike Udeh Udeze Udoji Ugwu Ugwuanyi Ukaegbu Ukpabi Uwazie Uzodinma Uzoma`

const northernFirsts = `Muhammad/Mohammed/Muhammadu Ahmad/Ahmed Abubakar/Abubakr Usman/Uthman Aliyu Ibrahim/Ibraheem Yusuf/Yusuph Sulaiman/Suleiman
Abdullahi/Abdullah Abdulrahman Abdulkadir Abdulaziz Abdulmalik Aminu Auwal Bashir Bilal Danjuma Dauda Faisal Faruk Garba
Habib Hamisu Hamza Haruna Hassan/Hasan Hussaini/Husseini Idris Ilyasu Isa Ismail Isyaku Jamilu Kabiru Kamal Khalid Lawan
Mahmud Mansur Mubarak Mukhtar Murtala Mustapha/Mustafa Nasiru Nazifi Nura Rabiu Sadiq Sagir Salisu Shehu Shamsu Sani
Tanimu Tukur Umar/Umaru Yahaya Yakubu Zakari Zubairu A'ishatu/Aishatu/Aisha Amina Asma'u/Asmau Bilkisu Fatima/Fatimah
Hadiza Hafsat Halima Hauwa Jamila Khadija Ladi Laraba Maimuna Mairo Maryam Murjanatu Nafisa Rabi Rahama Rakiya Rukayya
Sa'adatu/Saadatu Safiya Salamatu Talatu Umma Zainab Zulaiha Zuwaira`

const northernSurnames = `Abacha Abdulsalami Adamu Babangida Badaru Baffa Bagudu Balarabe Bamalli Bauchi Bello Bichi Bindow Birnin-Kebbi Buhari Bulama
Chiroma Dabo Dalhatu Dambatta Dangote Dankwambo Danladi Dantata Danbaba Dikko Dogara Dutse Dutsin-Ma Fagge Funtua Gaya Gambo
Ganduje Gashua Geidam Goni Gumel Gumi Gusau Gwandu Gwarzo Hadejia Hong Ingawa Jalingo Jega Jibril Jikamshi Kachalla Kaita
Kankia Kano Katagum Kaura Kazaure Kingibe Kontagora Kumo Kurfi Kwankwaso Lamido Lapai Liman Mai-Bornu Maigari Maina Makarfi
Malumfashi Mangal Maska Matawalle Modibbo Monguno Musawa Namadi Ngilari Nguru Ningi Numan Pindiga Potiskum Ribadu Ringim
Rimi Sambo Shagari Shekarau Shettima Sokoto Sule Tafida Tambuwal Tofa Tsafe Tudun-Wada Turaki Wamakko Wase Wudil Yaradua
Yar'Adua-Musa Yelwa Yero Yobe Zango Zangon-Kataf Zaria Zubeir Zungeru`

const southernFirsts = `Aderinsola Akpan Aniekan Aniema Ansa Aondoaver Arit Atim Bassey Bemigho Boma Dauphine Dokubo Ebiere Ebikabowei/Ebi
Edet Efe Efosa Ehi Ekaette Ekpo Emem Enebi Eseoghene/Ese Etim Eyo Fiekumo Ibifuro Iboro Idara Idongesit/Idong Imaobong/Ima
Inemesit/Ineme Iniobong/Ini Itohan Iyefu Kpadoo Mfon Mbakeren Nkoyo Nosa Nsikak Nyesom Ochanya Ochuko Oghenekaro/Karo
Oghenetega/Tega Ojoma Omoye Onome Osagie Osahon Osamudiamen/Osamu Oseremen Otobong Ovie Preye Sesugh Tamuno Tari Terhemba
Tersoo Timipre Tonye Ubong Udeme Uduak Ufuoma Unyime Uwem Voke Wamuyi Yemisi Zipporah`

const minoritySurnames = `Abah Abang Abubakari Adaji Agbo-Odu Agada Agaba Agbonifo Agho Aigbe Aikhomu Akiga Akpabio Akpata Akume Alechenu Alamieyeseigha
Amachree Ameh Anenih Anyebe Apavie Asemota Asuquo Atiku-Dan Atser Ayu Biobaku Briggs Clark Dakuku Daminabo Dickson-Opu Dede
Diri Ebeye Ebong Ededem Edoho Effiong Egbe Ekanem Ekong Eluemunoh Enahoro Eno-Ita Erhabor Ereyitomi Esezobor Essien Etuk
Eweka Fubara Gabaa Giwa-Osagie Gbenedio Gowon Gyang Horsfall Ibori Ibru Idahosa Idoko Igbinedion Ighalo Igali Ikpe Imasuen
Inyang Isong Itsueli Iyayi Jonah Jumbo Kattah Kogbara Lalong Lambo Lar Mbuk Mark-Apa Nanakede Ndoma Nyame Nyong Obaseki
Obaje Obong Odili Odey Ogbeh Ogbemudia Oghide Ogoni Ohanwe Ojogwu Okilo Okorodudu Okowa Okpe Omoregie Onoja Onyeama-Ita
Orji-Oko Orubebe Osayande Oshiomhole Osunbor Otti-Ere Otu Otuedon Pam Pepple Pwajok Sekibo Suswam Swem Tarka Toru Tyav
Uduaghan Ugbe Umana Umoh Umoren Unongo Useni Utomi Wilcox Wike Yakowa Yilwatda Zamani Zwingina`

const christianFirsts = `Abigail Adaora Andrew Anthony Augustine Benjamin Beatrice Blessing Caroline Catherine Charity Christiana Clement
Comfort Cynthia Daniel Deborah Desmond Dominic Dorcas Ebenezer Edith Elijah Elizabeth Emmanuel Esther Eunice Ezekiel Faith
Favour Felicia Festus Florence Francis Gabriel Gideon Gift Gladys Gloria Grace Hannah Helen Henrietta Hope Innocent Israel
Jeremiah Jennifer Joseph Josephine Joshua Joy Judith Juliana Kingsley Leonard Linda Lucky Magdalene Margaret Martins Mercy
Michael Moses Nathaniel Patience Patricia Peace Philip Precious Priscilla Promise Prosper Rachael Raymond Rebecca Reuben
Rita Roseline Ruth Samson Sarah Solomon Stella Stephen Sunday Sylvester Theresa Timothy Tochi-Mary Veronica Victor
Victoria Vincent Virginia Vivian Wilfred Winifred Zechariah`

// Equivalents lists the classes of name parts that the generator takes for one
// another when the same holder is written differently: the usual form first,
// then other spellings, short forms and the form with tone marks. A matcher
// that knows these classes, ignores order and case, and accepts a dropped
// middle name, recognises every holder in a generated feed.
func Equivalents() [][]string {
	var classes [][]string
	for _, p := range peoples {
		for _, entry := range strings.Fields(p.firsts + " " + p.surnames) {
			if forms := strings.FieldsFunc(entry, func(r rune) bool { return r == '/' || r == '~' }); len(forms) > 1 {
				classes = append(classes, forms)
			}
		}
	}
	return classes
}
